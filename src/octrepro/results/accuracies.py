"""One row for each run: its accuracies with intervals, over seeds and over late epochs, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.core.records import RunRecord
from octrepro.results.audit import incomparable
from octrepro.results.document import LateEpochs, Majority, Measure, OverSeeds, Row, SeedMean, Share
from octrepro.results.estimate import Estimate, sample_mean, stable
from octrepro.results.proportions import area, mean_proportion, wilson
from octrepro.study.names import run_label
from octrepro.study.runs import RUNS, differing


def share(correct: int, total: int) -> Share:
    """An accuracy with its Wilson interval."""
    found = wilson(correct, total)
    return {
        "correct": correct,
        "total": total,
        "accuracy": stable(found.value),
        "low": stable(found.low),
        "high": stable(found.high),
    }


def split_share(metrics: Mapping[str, Any], split: str) -> Share:
    """The accuracy on one split, from a run's metrics."""
    return share(metrics[f"{split}_correct"], metrics[f"{split}_total"])


def majority(record: RunRecord) -> Majority:
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


def half_width(record: RunRecord) -> float:
    """Half the width of the interval of an accuracy of one half, the widest there is."""
    total = len(record.test_labels)
    found = wilson(total // 2, total)
    return float(stable((found.high - found.low) / 2))


def row(record: RunRecord, *, is_variant: bool, is_reference: bool) -> Row:
    """The row of one run."""
    metrics = record.metrics
    reason = incomparable(record.run, record, is_reference)
    recalls = _recall(metrics["confusion"])
    balanced = mean_proportion([(each["correct"], each["total"]) for each in recalls if each is not None])
    return {
        "run": record.run,
        "label": run_label(record.experiment),
        "model": record.experiment["model"],
        "experiment": dict(record.experiment),
        "differing": differing(record.experiment),
        "variant": is_variant,
        "train": split_share(metrics, "train"),
        "val": split_share(metrics, "val"),
        "test": split_share(metrics, "test"),
        "full_test": split_share(metrics, "full_test"),
        "recall": recalls,
        "balanced_accuracy": _measure(balanced),
        "auc": _area(metrics["auc"], metrics["auc_se"]),
        "class_auc": list(map(_area, metrics["class_auc"], metrics["class_auc_se"])),
        "over_seeds": _over_seeds(record),
        "late_val": late_val(record),
        "constant_class": {
            "val": _constant(record.val_predictions),
            "test": _constant(record.test_predictions),
        },
        "beats_majority": beats_majority(record),
        "epochs": metrics["epochs"],
        "updates": metrics["updates"],
        "multiply_adds": metrics["multiply_adds"],
        "parameters": metrics["parameters"],
        "diverged": metrics["diverged"],
        "diverged_epoch": metrics["diverged_epoch"],
        "reported": RUNS[record.run].reported if record.run in RUNS else None,
        "comparable": reason is None,
        "reason": reason,
    }


def _recall(confusion: Sequence[Sequence[int]]) -> list[Share | None]:
    """Of each class's test images, how many are classified correctly; None for a class without images."""
    return [share(counts[c], sum(counts)) if any(counts) else None for c, counts in enumerate(confusion)]


def _measure(found: Estimate) -> Measure:
    return {"value": stable(found.value), "low": stable(found.low), "high": stable(found.high)}


def _area(value: float | None, se: float | None) -> Measure | None:
    return None if value is None else _measure(area(value, se))


def _constant(predictions: NDArray[np.int64]) -> int | None:
    return int(predictions[0]) if (predictions == predictions[0]).all() else None


def late_epochs(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """The last tenth of a curve, two epochs at least."""
    return curve[-max(2, len(curve) // 10) :]


def beats_majority(record: RunRecord) -> bool:
    """Whether the test accuracy is above that of always answering the most frequent class, beyond chance.

    A run that does not has learned nothing that its other numbers could be about.
    """
    found = wilson(record.metrics["test_correct"], record.metrics["test_total"])
    return found.low > majority(record)["accuracy"]


def late_val(record: RunRecord) -> LateEpochs | None:
    """Validation accuracy over the last tenth of the epochs; None when the run diverged."""
    if record.metrics["diverged"]:
        return None
    late = late_epochs(record.history["val_accuracy"])
    return {
        "epochs": len(late),
        "mean": stable(float(late.mean())),
        "low": stable(float(late.min())),
        "high": stable(float(late.max())),
    }


def _over_seeds(record: RunRecord) -> OverSeeds | None:
    """Accuracies over all seeds that did not diverge, the run's own among them."""
    if not record.replicates:
        return None
    every = [record.metrics, *(each.metrics for each in record.replicates.values())]
    finished = [metrics for metrics in every if not metrics["diverged"]]
    return {
        "seeds": len(finished),
        "diverged": len(every) - len(finished),
        "train": _seed_mean(finished, "train"),
        "val": _seed_mean(finished, "val"),
        "test": _seed_mean(finished, "test"),
    }


def _seed_mean(metrics: Sequence[Mapping[str, Any]], split: str) -> SeedMean | None:
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
