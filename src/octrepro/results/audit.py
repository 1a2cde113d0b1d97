"""Audit of the reported accuracies: is each possible at all, and do ours differ by more than chance?"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from scipy.stats import fisher_exact

from octrepro.config import Medmnist, Params
from octrepro.core.records import RunRecord
from octrepro.results.estimate import ALPHA, stable
from octrepro.study.runs import DATASET, DECIMALS, RUNS, TEST_IMAGES, deviation


def is_reference_data(params: Params, dataset: str) -> bool:
    """Whether the data set is the source report's: MedMNIST's OCTMNIST, under whatever key.

    A file of one's own is not, whatever it is called: nothing says what is in it.
    """
    source = params.datasets[dataset]
    return isinstance(source, Medmnist) and (source.name or dataset) == DATASET


def incomparable(run: str, record: RunRecord | None, is_reference: bool) -> str | None:
    """Why a run cannot be set against the source report's accuracy; None when it can."""
    if not is_reference:
        return "other data"
    if record is None:
        return "not among the runs"
    if (reason := deviation(run, record.experiment)) is not None:
        return reason
    if record.metrics["test_total"] != TEST_IMAGES:
        return "other test images"
    return "diverged" if record.metrics["diverged"] else None


def nearest_count(accuracy: str) -> int:
    """The count of test images whose share is nearest to a printed accuracy, by exact fractions."""
    return round(Fraction(accuracy) * TEST_IMAGES)


def is_possible(accuracy: str) -> bool:
    """Whether some count gives the printed accuracy when its share is rounded, either way from a half."""
    share = Fraction(nearest_count(accuracy), TEST_IMAGES)
    return abs(share - Fraction(accuracy)) <= Fraction(1, 2 * 10**DECIMALS)


def audit(records: Mapping[str, RunRecord], is_reference: bool) -> list[dict[str, Any]]:
    """One row for each accuracy of the source report; `is_reference` says whether the data are its own."""
    return [
        _row(name, run.reported, records.get(name), is_reference)
        for name, run in RUNS.items()
        if run.reported is not None
    ]


def _row(run: str, reported: str, record: RunRecord | None, is_reference: bool) -> dict[str, Any]:
    nearest = nearest_count(reported)
    reason = incomparable(run, record, is_reference)
    metrics = {} if record is None else record.metrics
    correct: Any = metrics.get("test_correct")
    total: Any = metrics.get("test_total")
    p_value = None
    if reason is None:
        # Fisher's test, since the source report does not say which images it classified correctly. Where
        # both counts are over the same images it is conservative: what is hard for one classifier is hard
        # for the other, so true differences vary less than for the independent samples that it supposes.
        table = [[correct, total - correct], [nearest, TEST_IMAGES - nearest]]
        p_value = float(fisher_exact(table).pvalue)
    return {
        "run": run,
        "reported": reported,
        "reported_total": TEST_IMAGES,
        "possible": is_possible(reported),
        "nearest_count": nearest,
        "nearest_accuracy": f"{nearest / TEST_IMAGES:.{DECIMALS}f}",
        "ours_correct": correct,
        "ours_total": total,
        "comparable": reason is None,
        "reason": reason,
        "difference": correct - nearest if reason is None else None,  # in images
        "p_value": stable(p_value),
        "beyond_chance": None if p_value is None else p_value < ALPHA,
    }
