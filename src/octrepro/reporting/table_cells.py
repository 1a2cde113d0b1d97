"""Tables as data: a list of rows, each of them cells by the heading of their column; and the usual cells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from octrepro.reporting import numbers


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


def share(found: Mapping[str, Any] | None, digits: int = 4, *, interval: bool = True) -> Cell:
    """A number between 0 and 1, a `Share` or a `Measure` of results.json, with its interval below."""
    if found is None:
        return NOTHING
    value = found["accuracy"] if "accuracy" in found else found["value"]
    note = numbers.interval(found, min(digits, 3)) if interval and found["low"] is not None else ""
    return number(f"{value:.{digits}f}", value, note)
