"""What the figures of a data set are drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from octrepro.core import paths
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord
from octrepro.plotting.text import plain
from octrepro.study.comparisons import Comparison


class OmittedFigureError(Exception):
    """A figure that cannot be drawn from these runs; the message says why, for the reader."""


@dataclass(frozen=True)
class Context:
    """A data set, the records of its runs by name, in the order of params.yaml, and its results."""

    dataset: str
    records: Mapping[str, RunRecord]
    prepared: Prepared
    results: Mapping[str, Any]

    @cached_property
    def class_names(self) -> list[str]:
        """Names of the classes, safe to draw."""
        return [plain(str(name)) or str(index) for index, name in enumerate(self.prepared.summary["classes"])]

    @cached_property
    def labels(self) -> dict[str, str]:
        """What a reader calls each run."""
        return {row["run"]: row["label"] for row in self.results["rows"]}

    def record(self, run: str) -> RunRecord:
        """The record of `run`, or the reason why a figure of it is left out."""
        if run not in self.records:
            raise OmittedFigureError(f"the run {run} is not in params.yaml")
        return self.records[run]

    def compared(self, comparison: Comparison) -> Mapping[str, Any]:
        """What the results say of a comparison, or the reason why a figure of it is left out."""
        if comparison.question not in self.results["comparisons"]:
            missing = ", ".join(run for run in comparison.runs if run not in self.records)
            raise OmittedFigureError(f"it compares runs that are not in params.yaml: {missing}")
        return dict(self.results["comparisons"][comparison.question])

    def sources(self, records: Sequence[RunRecord], *, curves: bool = True) -> list[str]:
        """The files that a figure of `records` is drawn from."""
        places = (paths.record, paths.history) if curves else (paths.record,)
        return [place(self.dataset, record.run).as_posix() for place in places for record in records]


def number(value: float) -> str:
    """A measured value with three decimals, or with four significant digits when it is large."""
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.4g}"
