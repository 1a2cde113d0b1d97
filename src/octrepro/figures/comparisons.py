"""Best and worst run of a comparison, as the results name them."""

from __future__ import annotations

from octrepro.core.records import RunRecord
from octrepro.figures.context import Context, OmittedFigureError
from octrepro.study.comparisons import Comparison


def best_and_worst(context: Context, comparison: Comparison) -> tuple[RunRecord, RunRecord]:
    """Best and worst of a comparison, if at least two of its runs are there."""
    context.present(comparison.runs, least=2)
    found = context.comparison(comparison.id)
    if found["worst"] is None:
        raise OmittedFigureError("it needs two of its runs")
    return context.record(found["best"]), context.record(found["worst"])
