"""The committed runs, changed: each test states the data, and sees the words follow."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.config import load_params
from octrepro.core.files import read_json
from octrepro.core.records import RunRecord

RUNS = Path(__file__).parents[2] / "runs/phantom"
PARAMS = load_params()
EXPERIMENTS = {run: experiment.model_dump() for run, experiment in PARAMS.experiments.items()}
METRICS = {run: read_json(RUNS / run / "metrics.json") for run in EXPERIMENTS}
TOTALS = {"train": 2000, "val": 700, "test": 529, "full_test": 529}
TEST, VAL = TOTALS["test"], TOTALS["val"]


def record(
    run: str,
    *,
    test: int = 300,
    val: int = 400,
    train: int = 1200,
    offset: int = 0,
    history: dict[str, NDArray[np.float64]] | None = None,
    metrics: dict[str, Any] | None = None,
    experiment: dict[str, Any] | None = None,
) -> RunRecord:
    """A run right on so many images, which are all of class 0: the first ones, from `offset` on."""
    parameters = {**EXPERIMENTS[run], **(experiment or {})}
    epochs = np.arange(1.0, parameters["epochs"] + 1)
    curves = {
        "epoch": epochs,
        "train_loss": 1 / epochs,
        "train_accuracy": 1 - 0.5 / epochs,
        "val_loss": 1 / epochs,
        "val_accuracy": np.full(len(epochs), val / VAL),
    }
    found: dict[str, Any] = {**METRICS[run], "confusion": [[test, TEST - test], [0, 0]]}
    found["full_test_confusion"] = found["confusion"]
    for split, correct in {"train": train, "val": val, "test": test, "full_test": test}.items():
        found[f"{split}_correct"], found[f"{split}_total"] = correct, TOTALS[split]
        found[f"{split}_accuracy"] = correct / TOTALS[split]
    return RunRecord(
        dataset="phantom",
        run=run,
        experiment=parameters,
        history={**curves, **(history or {})},
        metrics={**found, **(metrics or {})},
        val_predictions=_right_on(val, VAL, offset),
        val_labels=np.zeros(VAL, dtype=np.int64),
        test_predictions=_right_on(test, TEST, offset),
        test_labels=np.zeros(TEST, dtype=np.int64),
    )


def _right_on(correct: int, total: int, offset: int) -> NDArray[np.int64]:
    predictions = np.ones(total, dtype=np.int64)
    predictions[(np.arange(correct) + offset) % total] = 0
    return predictions


def replicated(run: str, own: int, *further: int, split: str = "test") -> RunRecord:
    """A run right on `own` images of a split, and from further seeds on others."""
    seeds = {seed: record(run, **{split: count}) for seed, count in enumerate(further)}
    return dataclasses.replace(record(run, **{split: own}), replicates=seeds)


def all_records(*changed: RunRecord) -> dict[str, RunRecord]:
    """One record for each run of params.yaml, some of them replaced, or added."""
    return {run: record(run) for run in EXPERIMENTS} | {each.run: each for each in changed}


def correct(split: str, **counts: int) -> dict[str, RunRecord]:
    """All records, some right on so many images of a split."""
    return all_records(*(record(run, **{split: count}) for run, count in counts.items()))
