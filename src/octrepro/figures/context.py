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
    def rows(self) -> dict[str, Mapping[str, Any]]:
        """The rows of the results by run."""
        return {row["run"]: row for row in self.results["rows"]}

    def comparison(self, which: Comparison) -> Mapping[str, Any]:
        """What the results say of a comparison, or the reason why a figure of it is left out."""
        found: dict[str, Mapping[str, Any]] = {each["id"]: each for each in self.results["comparisons"]}
        if which.id in found:
            return found[which.id]
        raise OmittedFigureError(f"none of its runs is in params.yaml: {', '.join(which.runs)}")

    def best_and_worst(self, which: Comparison) -> tuple[RunRecord, RunRecord]:
        """The records of a comparison's best and worst run, if it has two."""
        found = self.comparison(which)
        if found["worst"] is None:
            missing = ", ".join(run for run in which.runs if run not in self.records)
            raise OmittedFigureError(f"it needs two of its runs; not in params.yaml: {missing}")
        return self.record(found["best"]), self.record(found["worst"])

    def record(self, run: str) -> RunRecord:
        """The record of `run`, or the reason why a figure of it is left out."""
        if run not in self.records:
            raise OmittedFigureError(f"the run {run} is not in params.yaml")
        return self.records[run]

    def sources(self, records: Sequence[RunRecord], *, curves: bool = True) -> list[str]:
        """The files that a figure of `records` is drawn from."""
        files = [paths.record(self.dataset, record.run) for record in records]
        if curves:
            files += [paths.history(self.dataset, record.run) for record in records]
        return [path.as_posix() for path in files]
