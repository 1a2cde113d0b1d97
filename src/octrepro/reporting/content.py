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
