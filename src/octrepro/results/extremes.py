"""Best and worst of each comparison: decided here, once, for prose, figures and claims alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from octrepro.core import UserError
from octrepro.core.records import RunRecord
from octrepro.results import document
from octrepro.results.accuracies import late_val, split_share
from octrepro.results.estimate import stable
from octrepro.results.proportions import PairedComparison, compare_paired
from octrepro.study.comparisons import COMPARISONS, Comparison

SPLITS = {"test": "test", "val": "validation"}


def compare(first: RunRecord, second: RunRecord, split: str) -> PairedComparison:
    """Compare the final predictions of two runs on the ``test`` or the ``val`` images.

    Raises
    ------
    UserError
        When the two records are of different images.
    """
    truth, first_correct = _correct(first, split)
    other_truth, second_correct = _correct(second, split)
    if not np.array_equal(truth, other_truth):
        raise UserError(
            f"the runs {first.run} and {second.run} were evaluated on different {SPLITS[split]} images",
            hint="run 'dvc repro' to bring the records up to date",
        )
    return compare_paired(first_correct, second_correct)


def _correct(record: RunRecord, split: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    labels: NDArray[np.int64] = getattr(record, f"{split}_labels")
    return labels, labels == getattr(record, f"{split}_predictions")


def best_run(records: Mapping[str, RunRecord]) -> str | None:
    """The run with the highest final validation accuracy, of those that did not diverge."""
    finished = [record for record in records.values() if not record.metrics["diverged"]]
    return max(finished, key=_by_final_epoch).run if finished else None


def comparisons(records: Mapping[str, RunRecord]) -> list[document.Comparison]:
    """Best and worst of each comparison of which there is a run."""
    present = [(each, [records[run] for run in each.runs if run in records]) for each in COMPARISONS]
    return [_comparison(comparison, found) for comparison, found in present if found]


def _by_final_epoch(record: RunRecord) -> tuple[bool, float]:
    return not record.metrics["diverged"], record.metrics["val_correct"]


def _by_late_epochs(record: RunRecord) -> tuple[bool, float]:
    late = late_val(record)
    return (False, record.metrics["val_correct"]) if late is None else (True, late["mean"])


def _over_seeds(record: RunRecord) -> tuple[bool, float]:
    """By the mean final validation accuracy of all seeds that did not diverge."""
    every = [record, *record.replicates.values()]
    finished = [each.metrics["val_accuracy"] for each in every if not each.metrics["diverged"]]
    return bool(finished), float(np.mean(finished)) if finished else 0.0


def _extremes(
    records: Sequence[RunRecord], key: Callable[[RunRecord], tuple[bool, float]]
) -> tuple[list[RunRecord], list[RunRecord]]:
    """All runs that are best, and all that are worst; none is worst where there is one run."""
    best, worst = max(map(key, records)), min(map(key, records))
    return (
        [record for record in records if key(record) == best],
        [record for record in records if key(record) == worst] if len(records) > 1 else [],
    )


def _comparison(comparison: Comparison, records: Sequence[RunRecord]) -> document.Comparison:
    best, worst = _extremes(records, _by_final_epoch)
    late_best, late_worst = _extremes(records, _by_late_epochs)
    replicated = len(records) > 1 and all(record.replicates for record in records)
    seeds_best, seeds_worst = _extremes(records, _over_seeds) if replicated else ([], [])
    if worst and worst[0] is best[0]:  # all are equal: two runs are named all the same
        worst = worst[1:] + worst[:1]
    pair = compare(best[0], worst[0], "val") if worst else None
    return {
        "id": comparison.id,
        "question": comparison.question,
        "subject": comparison.subject,
        "runs": [record.run for record in records],
        "labels": {record.run: comparison.label(record.experiment) for record in records},
        "val_correct": {record.run: record.metrics["val_correct"] for record in records},
        "val_total": records[0].metrics["val_total"],
        "best": best[0].run,
        "best_ties": [record.run for record in best[1:]],
        "worst": worst[0].run if worst else None,
        "worst_ties": [record.run for record in worst[1:]],
        "late_best": late_best[0].run,
        "late_worst": late_worst[0].run if late_worst else None,
        "seeds_best": seeds_best[0].run if seeds_best else None,
        "seeds_worst": seeds_worst[0].run if seeds_worst else None,
        "difference": None if pair is None else pair.difference,
        "p_value": None if pair is None else stable(pair.p_value),
        "best_test": split_share(best[0].metrics, "test"),
        "reported_best": comparison.best,
        "reported_worst": comparison.worst,
    }
