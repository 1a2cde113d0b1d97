"""All that a build found for one data set: the content of results.json."""

from collections.abc import Mapping, Sequence
from typing import Any

from octrepro.config import Params, Phantom
from octrepro.core.records import RunRecord
from octrepro.results.accuracies import audit, is_reference_data, majority, row, share
from octrepro.results.estimate import stable, wilson
from octrepro.results.extremes import best_run, comparisons


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
