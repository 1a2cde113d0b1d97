"""All that a build found for one data set: the content of results.json.

Best and worst of each comparison are decided here, once, for prose, figures and claims alike.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from octrepro.config.schema import Params
from octrepro.config.sources import Phantom
from octrepro.core import UserError
from octrepro.core.records import RunRecord
from octrepro.results.accuracies import audit, is_reference_data, late_epochs, majority, row, share
from octrepro.results.estimate import PairedComparison, compare_paired, stable, wilson
from octrepro.study.comparisons import COMPARISONS, Comparison

SPLITS = {"test": "test", "val": "validation"}


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
    return max(finished, key=_last).run if finished else None


def comparisons(records: Mapping[str, RunRecord]) -> dict[str, dict[str, Any]]:
    """By question, best and worst of each comparison of which there are two runs."""
    present = [(each, [records[run] for run in each.runs if run in records]) for each in COMPARISONS]
    return {each.question: _comparison(each, found) for each, found in present if len(found) > 1}


def _last(record: RunRecord) -> float:
    """The final validation accuracy; that of a run that diverged is put below all others."""
    return float(record.metrics["val_accuracy"] - 2 * record.metrics["diverged"])


def _late(record: RunRecord) -> float:
    """The mean validation accuracy over the last tenth of the epochs."""
    if record.metrics["diverged"]:
        return _last(record)
    # Rounded, so that means that are equal but for the order of adding up are ties.
    return float(stable(float(late_epochs(record.history["val_accuracy"]).mean())))


def _over_seeds(record: RunRecord) -> float:
    """The mean final validation accuracy of all seeds that did not diverge."""
    every = [record, *record.replicates.values()]
    finished = [_last(each) for each in every if not each.metrics["diverged"]]
    return float(np.mean(finished)) if finished else _last(record)


def _comparison(comparison: Comparison, records: Sequence[RunRecord]) -> dict[str, Any]:
    by_run = {record.run: record for record in records}
    last = {run: _last(record) for run, record in by_run.items()}
    best = [run for run in last if last[run] == max(last.values())]
    worst = [run for run in last if last[run] == min(last.values())]
    if worst == best:  # all are equal: two runs are named all the same
        worst = worst[1:] + worst[:1]
    replicated = all(record.replicates for record in records)
    return {
        "runs": list(by_run),
        # By final validation accuracy. Of equals the first is named, and the others are its ties.
        "best": best[0],
        "best_ties": best[1:],
        "worst": worst[0],
        "worst_ties": worst[1:],
        # The same by the mean over the last tenth of the epochs.
        "late_best": max(records, key=_late).run,
        "late_worst": min(records, key=_late).run,
        # The same by the mean over seeds, where all runs have replicates.
        "seeds_best": max(records, key=_over_seeds).run if replicated else None,
        "seeds_worst": min(records, key=_over_seeds).run if replicated else None,
        # Exact McNemar; the pair was chosen after seeing it.
        "p_value": stable(compare(by_run[best[0]], by_run[worst[0]], "val").p_value),
        "reported_best": comparison.best,  # the source report's choice
        "reported_worst": comparison.worst,
    }
