"""What a report is made of, as plain data: figures, tables, claims and parts of prose.

Both renderers read these and nothing else, so that HTML and LaTeX cannot tell different numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

VERDICTS = {"holds": "hold", "fails": "fail", "inconclusive": "inconclusive"}
"""Verdicts of one claim, and how several claims take them."""

Kind = Literal["text", "code", "number", "prose", "verdict"]
"""How a column's cells are set: `prose` is Markdown of ours, all others are plain data."""


@dataclass(frozen=True)
class Column:
    """A column of a table; `wide` columns take the space that is left."""

    title: str
    kind: Kind = "text"
    wide: bool = False


@dataclass(frozen=True)
class Cell:
    """One value of a table.

    Attributes
    ----------
    text
        What is shown, in the form that the column's kind says.
    sort
        What the column sorts by; the text when None.
    note
        A short plain text below the value, in small type.
    """

    text: str
    sort: float | str | None = None
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table with a caption (Markdown of ours)."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"table {self.id}: {len(row)} cells for {len(self.columns)} columns")


@dataclass(frozen=True)
class Figure:
    """A figure of an earlier stage with what makes it traceable.

    Attributes
    ----------
    id
        Its name, also its file name.
    number
        1 to 14 as in the source report; None for the figures beyond it.
    title, caption, alt
        Plain text. `alt` says what the picture shows.
    stage, data, command
        The stage that draws it, the files it reads and the command that rebuilds it.
    synthetic
        Whether it shows a synthetic data set.
    svg, csv
        The picture and the numbers behind it.
    path
        The PDF version, relative to report.tex.
    """

    id: str
    number: int | None
    title: str
    caption: str
    alt: str
    stage: str
    data: tuple[str, ...]
    command: str
    synthetic: bool
    svg: str
    csv: str
    path: str


@dataclass(frozen=True)
class Claim:
    """One claim with its verdict on this data.

    Attributes
    ----------
    statement, sentence, reference, definition
        Markdown of ours: what is claimed, what the data say to it, what the source report says, and how the
        claim is measured.
    effect, test
        Plain text: the size found, the test applied.
    evidence
        The numbers the verdict rests on, by name.
    ours
        Whether the source report does not make it.
    basis
        What the verdict is about, one training run or several seeds; empty for what is exact.
    """

    id: str
    question: str
    statement: str
    verdict: str
    sentence: str
    reference: str = ""
    definition: str = ""
    effect: str = ""
    test: str = ""
    evidence: tuple[tuple[str, str], ...] = ()
    basis: str = ""
    ours: bool = False


@dataclass(frozen=True)
class Fact:
    """One line of the summary at the top: plain text."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Report:
    """Everything a rendering needs.

    Attributes
    ----------
    title, subtitle
        Plain text.
    authors
        Plain text, one name each.
    dataset
        Its key in params.yaml.
    banner
        What every page must say about a synthetic data set; empty for a real one.
    facts
        The summary at the top.
    tally
        How many claims hold, fail and are inconclusive.
    markdown
        The filled prose, whole.
    omitted
        Figures that could not be drawn, by id, with the reason in plain text.
    """

    title: str
    subtitle: str
    authors: tuple[str, ...]
    dataset: str
    banner: str
    markdown: str
    facts: tuple[Fact, ...] = ()
    tally: dict[str, int] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    omitted: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
