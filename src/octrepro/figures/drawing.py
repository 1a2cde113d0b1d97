"""What a figure is drawn from, what drawing it gives, and drawing all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octrepro.core import paths
from octrepro.core.prepared import Prepared
from octrepro.core.progress import progress
from octrepro.core.records import RunRecord
from octrepro.plotting import FigureInfo, plain, save, write_index
from octrepro.study import comparisons as study

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
    results: dict[str, Any]

    @property
    def synthetic(self) -> bool:
        """Whether the data are synthetic."""
        return bool(self.prepared.summary["synthetic"])

    @cached_property
    def class_names(self) -> list[str]:
        """Names of the classes, safe to draw."""
        return [plain(str(name)) or str(index) for index, name in enumerate(self.prepared.summary["classes"])]

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The rows of the results by run."""
        return {row["run"]: row for row in self.results["rows"]}

    def comparison(self, which: study.Comparison) -> dict[str, Any]:
        """What the results say of a comparison, or the reason why a figure of it is left out."""
        every: list[dict[str, Any]] = self.results["comparisons"]
        for found in every:
            if found["id"] == which.id:
                return found
        raise OmittedFigureError(f"none of its runs is in params.yaml: {', '.join(which.runs)}")

    def best_and_worst(self, which: study.Comparison) -> tuple[RunRecord, RunRecord]:
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


@dataclass(frozen=True)
class Drawing:
    """A figure, the words for it, and the columns behind it."""

    figure: Figure
    title: str
    caption: str
    alt: str
    data: Mapping[str, Sequence[Any]]
    sources: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class FigureSpec:
    """One figure: its name, its number in the source report if it has one there, and how it is drawn."""

    id: str
    number: int | None
    draw: Callable[[Context], Drawing]


def draw_all(specs: Sequence[FigureSpec], context: Context, folder: Path) -> list[dict[str, Any]]:
    """Draw every figure that the runs allow into `folder`, with the index.

    Returns
    -------
    list of dict
        What was left out: ``id``, ``number`` and ``reason``; also written to ``omitted.json``.
    """
    entries, omitted = [], []
    stage = f"figures@{context.dataset}"
    for spec in progress(specs, total=len(specs), what=f"figures of {context.dataset}", unit="figure"):
        try:
            drawing = spec.draw(context)
        except OmittedFigureError as reason:
            omitted.append({"id": spec.id, "number": spec.number, "reason": str(reason)})
            continue
        info = FigureInfo(
            id=spec.id,
            number=spec.number,
            title=drawing.title,
            caption=drawing.caption,
            alt=("Synthetic data. " if context.synthetic else "") + drawing.alt,
            stage=stage,
            command=f"dvc repro {stage}",
            data=drawing.sources,
            synthetic=context.synthetic,
        )
        entries.append(save(drawing.figure, folder, info, drawing.data))
    write_index(folder, entries, omitted)
    return omitted
