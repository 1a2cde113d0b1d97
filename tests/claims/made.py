"""Records of runs that never were: each test states the data, and sees the words follow."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.config import load_params
from octrepro.core.records import RunRecord

PARAMS = load_params()
EXPERIMENTS: dict[str, dict[str, Any]] = {
    run: experiment.model_dump() for run, experiment in PARAMS.experiments.items()
}

TRAIN, VAL, TEST = 2000, 700, 529


def record(
    run: str,
    *,
    test: int = 300,
    val: int = 400,
    train: int = 1200,
    offset: int = 0,
    history: Mapping[str, NDArray[np.float64]] | None = None,
    metrics: Mapping[str, Any] | None = None,
    experiment: Mapping[str, Any] | None = None,
) -> RunRecord:
    """A run right on `test`, `val` and `train` images: the first ones, from `offset` on."""
    parameters = {**EXPERIMENTS[run], **(experiment or {})}
    epochs = np.arange(1.0, parameters["epochs"] + 1)
    curves = {
        "epoch": epochs,
        "train_loss": 1 / epochs,
        "train_accuracy": 1 - 0.5 / epochs,
        "val_loss": 1 / epochs,
        "val_accuracy": np.full(len(epochs), val / VAL),
    }
    counts = {"train": (train, TRAIN), "val": (val, VAL), "test": (test, TEST), "full_test": (test, TEST)}
    confusion = [[test, TEST - test], [0, 0]]
    return RunRecord(
        dataset="phantom",
        run=run,
        experiment=parameters,
        history={**curves, **(history or {})},
        metrics={
            **{f"{split}_correct": correct for split, (correct, _) in counts.items()},
            **{f"{split}_total": total for split, (_, total) in counts.items()},
            **{f"{split}_accuracy": correct / total for split, (correct, total) in counts.items()},
            "confusion": confusion,
            "full_test_confusion": confusion,
            "auc": 0.8,
            "auc_se": 0.02,
            "class_auc": [0.75, 0.85],
            "class_auc_se": [0.03, 0.04],
            "diverged": False,
            "diverged_epoch": None,
            "epochs": parameters["epochs"],
            "updates": 1000,
            "multiply_adds": 10**9,
            "parameters": 100,
            "weight_norm": 10.0,
            **(metrics or {}),
        },
        val_predictions=_right_on(val, VAL, offset),
        val_labels=np.zeros(VAL, dtype=np.int64),
        test_predictions=_right_on(test, TEST, offset),
        test_labels=np.zeros(TEST, dtype=np.int64),
    )


def _right_on(correct: int, total: int, offset: int) -> NDArray[np.int64]:
    predictions = np.ones(total, dtype=np.int64)
    predictions[(np.arange(correct) + offset) % total] = 0
    return predictions


def with_correct(run: str, split: str, count: int) -> RunRecord:
    """A run right on `count` images of one split."""
    if split == "test":
        return record(run, test=count)
    return record(run, val=count)


def all_records(**changed: RunRecord) -> dict[str, RunRecord]:
    """One record for each run of params.yaml, some of them replaced."""
    return {run: changed.get(run) or record(run) for run in EXPERIMENTS}


def replicated(run: str, counts: list[int], base: int, **changes: Any) -> RunRecord:
    """A run correct on `base` test images, and from further seeds on `counts`."""
    further = [record(run, test=count, **changes) for count in counts]
    own = record(run, test=base)
    return dataclasses.replace(own, replicates=dict(enumerate(further)))
