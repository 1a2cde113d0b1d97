"""The committed runs, changed: each test states the data, and sees verdicts, words and figures follow."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from octrepro.claims import judge_all, ledger
from octrepro.claims.claim import Build, Claim
from octrepro.config.loading import load_params
from octrepro.core.files import read_json
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord
from octrepro.figures.context import Context
from octrepro.results.summary import summarize

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "runs/phantom"
PARAMS = load_params(ROOT / "params.yaml")
EXPERIMENTS = {run: experiment.model_dump() for run, experiment in PARAMS.experiments.items()}
METRICS = {run: read_json(RUNS / run / "metrics.json") for run in EXPERIMENTS}
HISTORIES = {run: pd.read_csv(RUNS / run / "history.csv").astype(float) for run in EXPERIMENTS}
CLASSES = ("choroidal neovascularization", "diabetic macular edema", "drusen", "normal")
TOTALS = {"train": 2000, "val": 700, "test": 529, "full_test": 529}
TEST, VAL = TOTALS["test"], TOTALS["val"]


def record(
    run: str,
    *,
    test: int = 300,
    val: int = 400,
    train: int = 1200,
    offset: int = 0,
    shape: tuple[int, int] = (4, 784),
    history: dict[str, NDArray[np.float64]] | None = None,
    metrics: dict[str, Any] | None = None,
    experiment: dict[str, Any] | None = None,
) -> RunRecord:
    """A run right on so many images, which are all of class 0: the first ones, from `offset` on.

    Linear weights, classes by features as in `shape`, are noise.
    """
    parameters = {**EXPERIMENTS[run], **(experiment or {})}
    epochs = parameters["epochs"]
    curves = {name: column[:epochs].to_numpy(copy=True) for name, column in HISTORIES[run].items()}
    curves["val_accuracy"] = np.full(epochs, val / VAL)
    confusion = np.zeros((shape[0], shape[0]), dtype=int)
    confusion[0, :2] = test, TEST - test
    found = METRICS[run] | {"confusion": confusion.tolist(), "full_test_confusion": confusion.tolist()}
    for split, correct in {"train": train, "val": val, "test": test, "full_test": test}.items():
        found[f"{split}_correct"], found[f"{split}_total"] = correct, TOTALS[split]
        found[f"{split}_accuracy"] = correct / TOTALS[split]
    is_linear = parameters["model"] not in ("mlp", "feedforward")
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
        linear_weights=np.random.default_rng(0).normal(0, 0.1, shape) if is_linear else None,
    )


def _right_on(correct: int, total: int, offset: int) -> NDArray[np.int64]:
    predictions = np.ones(total, dtype=np.int64)
    predictions[(np.arange(correct) + offset) % total] = 0
    return predictions


def replicated(run: str, own: int, *further: int, split: str = "test") -> RunRecord:
    """A run right on `own` images of a split, and from further seeds on others."""
    seeds = {seed: record(run, **{split: count}) for seed, count in enumerate(further)}
    return dataclasses.replace(record(run, **{split: own}), replicates=seeds)


def diverged(run: RunRecord, epoch: int) -> RunRecord:
    """The run as it would be had its loss become infinite in `epoch`."""
    history = {name: values[:epoch].copy() for name, values in run.history.items()}
    history["train_loss"][-1] = history["val_loss"][-1] = np.nan
    metrics = {**run.metrics, "diverged": True, "diverged_epoch": epoch, "epochs": epoch}
    return dataclasses.replace(run, history=history, metrics=metrics)


def all_records(*changed: RunRecord) -> dict[str, RunRecord]:
    """One record for each run of params.yaml, some of them replaced, or added."""
    return {run: record(run) for run in EXPERIMENTS} | {each.run: each for each in changed}


def judged(
    claim: str | Claim, records: Mapping[str, RunRecord], verification: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The entry in claims.json of one claim, judged alone."""
    if isinstance(claim, str):
        (claim,) = (each for each in ledger() if each.id == claim)
    (found,) = judge_all([claim], Build(records, verification or {}))
    return found


def context(
    *records: RunRecord, names: Sequence[str] = CLASSES, image_shape: Sequence[int] = (28, 28)
) -> Context:
    """What figures of these runs, or of all, are drawn from; the images are noise."""
    labels = np.arange(30 * len(names)) % len(names)
    size = (len(labels), int(np.prod(image_shape)))
    images = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
    summary = {"synthetic": True, "classes": list(names), "image_shape": list(image_shape)}
    prepared = Prepared(images, labels, images, labels, images, labels, labels, summary)
    by_run = {each.run: each for each in records} or all_records()
    return Context("phantom", by_run, prepared, summarize(by_run, PARAMS, "phantom"))
