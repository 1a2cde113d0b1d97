"""All that a build found for one data set: the content of results.json.

Best and worst of each comparison are decided here, once, for prose, figures and claims alike.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from octrepro.config.schema import Params
from octrepro.config.sources import Phantom
from octrepro.core import UserError
from octrepro.core.records import RunRecord
from octrepro.results.accuracies import (
    audit,
    is_reference_data,
    late_epochs,
    majority,
    row,
    share,
    split_share,
)
from octrepro.results.estimate import PairedComparison, compare_paired, stable, wilson
from octrepro.study.comparisons import COMPARISONS, Comparison

SPLITS = {"test": "test", "val": "validation"}
# How runs are ranked: one that diverged below every one that did not, then by an accuracy.
Rank = tuple[bool, float]


def summarize(
    records: Mapping[str, RunRecord],
    params: Params,
    dataset: str,
    sweeps: Sequence[Mapping[str, Any]] = (),
    further_seeds: Sequence[int] = (),
) -> dict[str, Any]:
    """The content of results.json.

    From the runs by name with their replicates, in the order of params.yaml, what the sweep stage wrote of
    each sweep, and the seeds from which the replicated runs were trained too.
    """
    is_reference = is_reference_data(params, dataset)
    first = next(iter(records.values()))
    images = len(first.test_labels)
    widest = wilson(images // 2, images)
    return {
        "dataset": dataset,
        "reference_comparable": is_reference,  # whether the data are the source report's
        "further_seeds": list(further_seeds),
        "retinal": is_reference or isinstance(params.datasets[dataset], Phantom),  # real or synthetic
        "majority": majority(first),
        "half_width": stable((widest.high - widest.low) / 2),
        "best_run": best_run(records),
        "rows": [
            row(record, is_variant=run not in params.experiments, is_reference=is_reference)
            for run, record in records.items()
        ],
        "comparisons": comparisons(records),
        "audit": audit(records, is_reference),
        "sweeps": [_sweep(sweep) for sweep in sweeps],
    }


def _sweep(sweep: Mapping[str, Any]) -> dict[str, Any]:
    """A sweep as its stage wrote it, with the Wilson intervals of its accuracies."""
    settings = [{**each, "val": share(each["val_correct"], each["val_total"])} for each in sweep["settings"]]
    test = sweep["test"] and share(sweep["test"]["correct"], sweep["test"]["total"])
    return {**sweep, "test": test, "settings": settings}


def compare(first: RunRecord, second: RunRecord, split: str) -> PairedComparison:
    """Compare the final predictions of two runs on the ``test`` or the ``val`` images, the same for both."""
    truth, other_truth = (getattr(each, f"{split}_labels") for each in (first, second))
    if not np.array_equal(truth, other_truth):
        raise UserError(
            f"the runs {first.run} and {second.run} were evaluated on different {SPLITS[split]} images",
            hint="run 'dvc repro' to bring the records up to date",
        )
    return compare_paired(*(truth == getattr(each, f"{split}_predictions") for each in (first, second)))


def best_run(records: Mapping[str, RunRecord]) -> str | None:
    """The run with the highest final validation accuracy, of those that did not diverge."""
    finished = [record for record in records.values() if not record.metrics["diverged"]]
    return max(finished, key=_by_final_epoch).run if finished else None


def comparisons(records: Mapping[str, RunRecord]) -> list[dict[str, Any]]:
    """Best and worst of each comparison of which there is a run."""
    present = [(each, [records[run] for run in each.runs if run in records]) for each in COMPARISONS]
    return [_comparison(comparison, found) for comparison, found in present if found]


def _by_final_epoch(record: RunRecord) -> Rank:
    return not record.metrics["diverged"], record.metrics["val_correct"]


def _by_late_epochs(record: RunRecord) -> Rank:
    if record.metrics["diverged"]:
        return _by_final_epoch(record)
    # Rounded, so that means that are equal but for the order of adding up are ties.
    return True, stable(float(late_epochs(record.history["val_accuracy"]).mean()))


def _by_seeds(record: RunRecord) -> Rank:
    """By the mean final validation accuracy of all seeds that did not diverge."""
    every = [record, *record.replicates.values()]
    finished = [each.metrics["val_accuracy"] for each in every if not each.metrics["diverged"]]
    return bool(finished), float(np.mean(finished)) if finished else 0.0


def _extremes(records: Sequence[RunRecord], rank: Callable[[RunRecord], Rank]) -> tuple[list[str], list[str]]:
    """All runs that are best, and all that are worst; of one run alone none is worst."""
    ranks = {record.run: rank(record) for record in records}
    best, worst = max(ranks.values()), min(ranks.values())
    return (
        [run for run, found in ranks.items() if found == best],
        [run for run, found in ranks.items() if found == worst and len(ranks) > 1],
    )


def _first(runs: Sequence[str]) -> str | None:
    return runs[0] if runs else None


def _comparison(comparison: Comparison, records: Sequence[RunRecord]) -> dict[str, Any]:
    by_run = {record.run: record for record in records}
    best, worst = _extremes(records, _by_final_epoch)
    late_best, late_worst = _extremes(records, _by_late_epochs)
    replicated = all(record.replicates for record in records) and len(records) > 1
    seeds_best, seeds_worst = _extremes(records, _by_seeds) if replicated else ([], [])
    if worst[:1] == best[:1]:  # all are equal: two runs are named all the same
        worst = worst[1:] + worst[:1]
    pair = compare(by_run[best[0]], by_run[worst[0]], "val") if worst else None
    return {
        "id": comparison.id,
        "question": comparison.question,
        "runs": list(by_run),
        "val_correct": {run: record.metrics["val_correct"] for run, record in by_run.items()},
        "val_total": records[0].metrics["val_total"],
        # By final validation accuracy. Of equals the first is named, and the others are its ties; with one
        # run none is worst.
        "best": best[0],
        "best_ties": best[1:],
        "worst": _first(worst),
        "worst_ties": worst[1:],
        # The same by the mean over the last tenth of the epochs.
        "late_best": late_best[0],
        "late_worst": _first(late_worst),
        # The same by the mean over seeds, where all runs have replicates.
        "seeds_best": _first(seeds_best),
        "seeds_worst": _first(seeds_worst),
        "p_value": pair and stable(pair.p_value),  # exact McNemar; the pair was chosen after seeing it
        "best_test": split_share(by_run[best[0]].metrics, "test"),
        "reported_best": comparison.best,  # the source report's choice
        "reported_worst": comparison.worst,
    }
