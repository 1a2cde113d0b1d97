"""What a report is made of, as plain data, so that HTML and LaTeX cannot tell different numbers.

Figures and claims are the entries of figures.json and claims.json, with their texts typeset.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from octrepro.reporting.table_cells import Row

FOLDER = Path("report")
"""Where prose, templates and style sheet are."""

VERDICTS = {"holds": "hold", "fails": "fail", "inconclusive": "inconclusive"}
"""Verdicts of one claim, and how several claims take them."""


@dataclass(frozen=True)
class Report:
    """Everything a rendering needs.

    Attributes
    ----------
    title, subtitle, authors
        Plain text.
    dataset
        Its key in params.yaml.
    banner
        What every page must say about a synthetic data set; empty for a real one.
    facts
        The summary at the top: name, value and note, in plain text.
    markdown
        The filled prose, whole.
    figures
        By id, with ``svg``, ``csv`` and ``path``, the PDF version relative to report.tex.
    omitted
        Figures that could not be drawn, by id, with the reason in plain text.
    tables
        By id; one without rows is not shown.
    claims
        In the ledger's order; `ours` are those that the source report does not make.
    """

    title: str
    subtitle: str
    authors: list[str]
    dataset: str
    banner: str
    facts: list[tuple[str, str, str]]
    markdown: str
    figures: dict[str, dict[str, Any]]
    omitted: dict[str, str]
    tables: dict[str, list[Row]]
    claims: list[dict[str, Any]]

    def tally(self, verdict: str) -> int:
        """How many claims have a verdict."""
        return sum(claim["verdict"] == verdict for claim in self.claims)
