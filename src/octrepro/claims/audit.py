"""Audit of the reference numbers: is each possible at all, and do ours differ by more than chance?"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from octrepro.claims.claim import stable
from octrepro.claims.reference import DECIMALS, REPORTED, TEST_IMAGES, Reported, differing
from octrepro.claims.statistics.estimate import ALPHA
from octrepro.claims.statistics.proportions import fisher
from octrepro.core.records import RunRecord


def nearest_count(accuracy: str, total: int) -> int:
    """The count of `total` whose share is nearest to a printed accuracy, by exact fractions."""
    return round(Fraction(accuracy) * total)


def is_possible(accuracy: str, total: int, decimals: int = DECIMALS) -> bool:
    """Whether some count of `total` gives the printed accuracy when its share is rounded.

    Shares that lie just between two roundings are allowed to go either way.
    """
    share = Fraction(nearest_count(accuracy, total), total)
    return abs(share - Fraction(accuracy)) <= Fraction(1, 2 * 10**decimals)


def audit(records: Mapping[str, RunRecord], is_reference_data: bool) -> list[dict[str, Any]]:
    """The audit's rows, one for each accuracy of the source report.

    Parameters
    ----------
    records
        Our runs of one data set, by name.
    is_reference_data
        Whether that data set is the source report's.

    Returns
    -------
    list of dict
        Each with the printed accuracy and whether it is possible; the nearest count and its share; ours
        (counts, null where the run is missing); `comparable`, with the `reason` where it is not; where it is,
        the difference in images, Fisher's exact p-value and whether the difference is beyond chance.
    """
    return [_row(run, reported, records.get(run), is_reference_data) for run, reported in REPORTED.items()]


def _row(run: str, reported: Reported, record: RunRecord | None, is_reference_data: bool) -> dict[str, Any]:
    nearest = nearest_count(reported.accuracy, TEST_IMAGES)
    reason = _not_comparable(reported, record, is_reference_data)
    ours: dict[str, Any] = {} if record is None else record.metrics
    correct, total = ours.get("test_correct"), ours.get("test_total")
    difference = p_value = None
    if reason is None and correct is not None and total is not None:
        difference = correct - nearest
        # Fisher's test, since the source report does not say which images it classified right; that they
        # are the same images makes it conservative.
        p_value = fisher(correct, total, nearest, TEST_IMAGES)
    return {
        "run": run,
        "question": reported.question,
        "reported": reported.accuracy,
        "reported_total": TEST_IMAGES,
        "possible": is_possible(reported.accuracy, TEST_IMAGES),
        "nearest_count": nearest,
        "nearest_accuracy": f"{nearest / TEST_IMAGES:.{DECIMALS}f}",
        "ours_correct": correct,
        "ours_total": total,
        "comparable": reason is None,
        "reason": reason,
        "difference": difference,
        "p_value": stable(p_value),
        "beyond_chance": None if p_value is None else p_value < ALPHA,
    }


def _not_comparable(reported: Reported, record: RunRecord | None, is_reference_data: bool) -> str | None:
    """Why ours cannot be set against the reported accuracy; None when it can."""
    if not is_reference_data:
        return "other data"
    if record is None:
        return "not among the runs"
    if record.experiment["model"] != reported.model or differing(record.experiment) != reported.differing:
        return "other parameters"
    if record.metrics["test_total"] != TEST_IMAGES:
        return "other test images"
    if record.metrics["diverged"]:
        return "diverged"
    return None
