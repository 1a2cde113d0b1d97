"""One row for each run, with its accuracies, and one for each accuracy of the source report, audited.

Floats of results.json are rounded to 6 significant digits (`stable`).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from octrepro.config.schema import Params
from octrepro.config.sources import Medmnist
from octrepro.core.records import RunRecord
from octrepro.results.estimate import ALPHA, Estimate, area, mean_proportion, sample_mean, stable, wilson
from octrepro.study.names import run_label
from octrepro.study.runs import DATASET, DECIMALS, RUNS, TEST_IMAGES, deviation, differing


def share(correct: int, total: int) -> dict[str, Any]:
    """An accuracy as counts of images, with its 95 % Wilson interval."""
    found = wilson(correct, total)
    return {"correct": correct, "total": total, "accuracy": stable(found.value), **_ends(found)}


def majority(record: RunRecord) -> dict[str, Any]:
    """The accuracy of always answering the class most frequent among the test images."""
    counts = np.bincount(record.test_labels)
    predicted = int(counts.argmax())
    full = record.metrics["full_test_confusion"]
    return {
        "predicted_class": predicted,
        **share(int(counts.max()), len(record.test_labels)),
        "full_test": share(sum(full[predicted]), sum(map(sum, full))),
        "balanced_accuracy": stable(1 / np.count_nonzero(counts)),
    }


def beats_majority(record: RunRecord) -> bool:
    """Whether the test accuracy is above that of always answering the most frequent class, beyond chance.

    A run that does not has learned nothing that its other numbers could be about.
    """
    test = wilson(record.metrics["test_correct"], record.metrics["test_total"])
    return bool(test.low > majority(record)["accuracy"])


def row(record: RunRecord, *, is_variant: bool, is_reference: bool) -> dict[str, Any]:
    """The row of one run; `is_reference` says whether the data are the source report's."""
    metrics = record.metrics
    reason = incomparable(record.run, record, is_reference)
    recalls = [
        share(counts[c], sum(counts)) if any(counts) else None
        for c, counts in enumerate(metrics["confusion"])
    ]
    balanced = mean_proportion([(each["correct"], each["total"]) for each in recalls if each is not None])
    return {
        "run": record.run,
        "label": run_label(record.experiment),
        "model": record.experiment["model"],
        "experiment": dict(record.experiment),
        "differing": differing(record.experiment),
        "variant": is_variant,  # from `variants` of params.yaml, not `experiments`
        # The accuracies, `full_test` on the whole test set, of which `test` may be a part.
        **{
            split: share(metrics[f"{split}_correct"], metrics[f"{split}_total"])
            for split in ("train", "val", "test", "full_test")
        },
        "recall": recalls,  # by class, on the test images; null for a class without any
        "balanced_accuracy": _measure(balanced),
        # One class versus the rest on the whole test set; null where a score is not finite, or the class has
        # no images.
        "auc": _area(metrics["auc"], metrics["auc_se"]),
        "class_auc": list(map(_area, metrics["class_auc"], metrics["class_auc_se"])),
        "over_seeds": _over_seeds(record),
        **{name: metrics[name] for name in ("epochs", "updates", "multiply_adds")},
        "diverged": metrics["diverged"],
        "diverged_epoch": metrics["diverged_epoch"],
        "reported": RUNS[record.run].reported if record.run in RUNS else None,  # as the source prints it
        "comparable": reason is None,  # whether ours can be set against it
        "reason": reason,
    }


def late_epochs(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """The last tenth of a curve, two epochs at least."""
    return curve[-max(2, len(curve) // 10) :]


def _ends(found: Estimate) -> dict[str, Any]:
    return {"low": stable(found.low), "high": stable(found.high)}


def _measure(found: Estimate) -> dict[str, Any]:
    """A number between 0 and 1; its interval is null where nothing says how it varies."""
    return {"value": stable(found.value), **_ends(found)}


def _area(value: float | None, se: float | None) -> dict[str, Any] | None:
    return None if value is None else _measure(area(value, se))


def _over_seeds(record: RunRecord) -> dict[str, Any] | None:
    """Accuracies over all seeds that did not diverge, the run's own among them; None without replicates."""
    if not record.replicates:
        return None
    every = [record.metrics, *(each.metrics for each in record.replicates.values())]
    finished = [metrics for metrics in every if not metrics["diverged"]]
    return {
        "seeds": len(finished),
        "diverged": len(every) - len(finished),
        **{split: _seed_mean(finished, split) for split in ("train", "val", "test")},
    }


def _seed_mean(metrics: Sequence[Mapping[str, Any]], split: str) -> dict[str, Any] | None:
    """The mean with its 95 % t interval, and the standard deviation; None with fewer than two seeds."""
    if len(metrics) < 2:
        return None
    accuracies = [each[f"{split}_accuracy"] for each in metrics]
    found = sample_mean(accuracies)
    return {
        "mean": stable(found.value),
        "sd": stable(float(np.std(accuracies, ddof=1))),
        "low": stable(max(0.0, found.low)),
        "high": stable(min(1.0, found.high)),
    }


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
    """Is each accuracy of the source report possible at all, and do ours differ by more than chance?"""
    return [
        _audit_row(name, run.reported, records.get(name), is_reference)
        for name, run in RUNS.items()
        if run.reported is not None
    ]


def _audit_row(run: str, reported: str, record: RunRecord | None, is_reference: bool) -> dict[str, Any]:
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
