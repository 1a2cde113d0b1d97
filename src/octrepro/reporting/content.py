"""What a report is made of, as plain data, so that HTML and LaTeX cannot tell different numbers.

Figures and claims are the entries of figures.json and claims.json, with their words typeset. A table is a
list of rows, each of them cells by the heading of their column.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from octrepro.reporting import numbers

FOLDER = Path("report")
"""Where prose, templates and style sheet are."""

VERDICTS = {"holds": "hold", "fails": "fail", "inconclusive": "inconclusive"}
"""Verdicts of one claim, and how several claims take them."""


@dataclass(frozen=True)
class Cell:
    """One value of a table; its kind, and whether it is wide, are the same in all rows of a column."""

    text: str  # plain text, or for the kind `prose` Markdown of ours
    kind: Literal["text", "code", "number", "prose", "verdict"] = "text"
    sort: float | str | None = None  # what the column sorts by; the text when None
    note: str = ""  # a short plain text below the value, in small type
    wide: bool = False  # whether the column takes the space that is left


Row = dict[str, Cell]
NOTHING = Cell("–", "number", "")


@dataclass(frozen=True)
class Report:
    """Everything a rendering needs; plain text where nothing else is said."""

    title: str
    subtitle: str
    authors: list[str]
    dataset: str  # its key in params.yaml
    banner: str  # what every page must say about a synthetic data set; empty for a real one
    facts: list[tuple[str, str, str]]  # the summary at the top: name, value and note
    markdown: str  # the filled prose, whole
    figures: dict[str, dict[str, Any]]  # by id, as `inputs` has them
    omitted: dict[str, str]  # why other figures could not be drawn, by id
    tables: dict[str, list[Row]]  # by id; one without rows is not shown
    claims: list[dict[str, Any]]  # in the ledger's order; `ours` are those the source report does not make

    def tally(self, verdict: str) -> int:
        """How many claims have a verdict."""
        return sum(claim["verdict"] == verdict for claim in self.claims)


def shown(cells: Mapping[str, Cell | None]) -> Row:
    """A row without the columns that a table of this build does not have."""
    return {title: cell for title, cell in cells.items() if cell is not None}


def number(text: str, sort: float | str | None = None, note: str = "") -> Cell:
    """A number as it is to be read; `sort` is its value where the text does not tell it."""
    return Cell(text, "number", sort, note)


def count(value: int, note: str = "") -> Cell:
    """A whole number."""
    return number(numbers.count(value), value, note)


def run(row: Mapping[str, Any], *, wide: bool = False) -> Cell:
    """A run's key, and whether it diverged."""
    note = f"diverged in epoch {row['diverged_epoch']}" if row["diverged"] else ""
    return Cell(row["run"], "code", note=note, wide=wide)


def share(found: Mapping[str, Any] | float | None, digits: int = 4, *, interval: bool = True) -> Cell:
    """A number between 0 and 1, an accuracy or another measure in results.json, with its interval below."""
    if found is None:
        return NOTHING
    if isinstance(found, float):
        return number(f"{found:.{digits}f}", found)
    value = found["accuracy"] if "accuracy" in found else found["value"]
    note = numbers.interval(found, min(digits, 3)) if interval and found["low"] is not None else ""
    return number(f"{value:.{digits}f}", value, note)
