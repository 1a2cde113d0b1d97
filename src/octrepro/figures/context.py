"""What a figure is drawn from, and what drawing it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from octrepro.core import paths
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord
from octrepro.plotting import plain
from octrepro.results.document import Comparison, Results, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class OmittedFigureError(Exception):
    """A figure that cannot be drawn from these runs; the message says why, for the reader."""


@dataclass(frozen=True)
class Context:
    """A data set, the records of its runs by name, in the order of params.yaml, and its results."""

    dataset: str
    records: Mapping[str, RunRecord]
    prepared: Prepared
    results: Results

    @property
    def synthetic(self) -> bool:
        """Whether the data are synthetic."""
        return bool(self.prepared.summary["synthetic"])

    @cached_property
    def class_names(self) -> list[str]:
        """Names of the classes, safe to draw."""
        return [plain(str(name)) or str(index) for index, name in enumerate(self.prepared.summary["classes"])]

    @cached_property
    def rows(self) -> dict[str, Row]:
        """The rows of the results by run."""
        return {row["run"]: row for row in self.results["rows"]}

    def comparison(self, name: str) -> Comparison:
        """A comparison of the results, or the reason why a figure of it is left out."""
        for found in self.results["comparisons"]:
            if found["id"] == name:
                return found
        raise OmittedFigureError("none of its runs is in params.yaml")

    def record(self, run: str) -> RunRecord:
        """The record of `run`, or the reason why a figure of it is left out."""
        if run not in self.records:
            raise OmittedFigureError(f"the run {run} is not in params.yaml")
        return self.records[run]

    def present(self, runs: Sequence[str], least: int = 1) -> list[RunRecord]:
        """Those of `runs` that exist, if there are at least `least`."""
        found = [self.records[run] for run in runs if run in self.records]
        if len(found) < least:
            missing = ", ".join(run for run in runs if run not in self.records)
            raise OmittedFigureError(f"it needs {least} of its runs; not in params.yaml: {missing}")
        return found

    def sources(self, records: Sequence[RunRecord]) -> list[str]:
        """The files that the curves of `records` come from."""
        return [
            path.as_posix()
            for record in records
            for path in (paths.record(self.dataset, record.run), paths.history(self.dataset, record.run))
        ]


@dataclass(frozen=True)
class Drawing:
    """A figure, the words for it, and the columns behind it."""

    figure: Figure
    title: str
    caption: str
    alt: str
    data: Mapping[str, Sequence[Any]]
    sources: Sequence[str] = field(default_factory=tuple)
