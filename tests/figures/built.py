"""What the committed build came to, as figures get it; what git does not hold of it is made up."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from octrepro.config import load_params
from octrepro.core.files import read_json
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord
from octrepro.figures.context import Context
from octrepro.results.summary import summarize

ROOT = Path(__file__).parents[2]
PARAMS = load_params(ROOT / "params.yaml")
LINEAR = ("perceptron", "logistic_regression", "torch_logistic_regression")
CLASSES = ("choroidal neovascularization", "diabetic macular edema", "drusen", "normal")


def record(run: str, classes: int = 4, features: int = 784, **changed: Any) -> RunRecord:
    """A run of the build with `changed` parameters; its weights are noise, as are other classes' results."""
    folder = ROOT / "runs/phantom" / run
    table = pd.read_csv(folder / "history.csv")
    history = {name: table[name].to_numpy(float, copy=True) for name in table}
    metrics = read_json(folder / "metrics.json")
    if classes != 4:
        confusion = np.random.default_rng(0).integers(0, 40, (classes, classes)).tolist()
        metrics |= {"confusion": confusion, "full_test_confusion": confusion}
        metrics |= {"class_auc": [0.8] * classes, "class_auc_se": [0.03] * classes}
    cells = np.array(metrics["confusion"])
    labels, predictions = (np.repeat(index.ravel(), cells.ravel()) for index in np.indices(cells.shape))
    wrong = (np.arange(metrics["val_total"]) >= metrics["val_correct"]).astype(int)
    experiment = PARAMS.experiments[run].model_dump() | changed
    noise = np.random.default_rng(0).normal(0, 0.1, (classes, features))
    weights = noise if experiment["model"] in LINEAR else None
    right = np.zeros_like(wrong)
    return RunRecord("phantom", run, experiment, history, metrics, wrong, right, predictions, labels, weights)


def diverged(run: RunRecord, epoch: int) -> RunRecord:
    """The run as it would be had its loss become infinite in `epoch`."""
    history = {name: values[:epoch].copy() for name, values in run.history.items()}
    history["train_loss"][-1] = history["val_loss"][-1] = np.nan
    metrics = {**run.metrics, "diverged": True, "diverged_epoch": epoch, "epochs": epoch}
    return dataclasses.replace(run, history=history, metrics=metrics)


def replicated(run: RunRecord, seeds: int = 3) -> RunRecord:
    """The run with further seeds, whose values are each a hundredth above those of the one before."""
    further = {
        seed: dataclasses.replace(run, history={k: v + 0.01 * seed for k, v in run.history.items()})
        for seed in range(1, seeds + 1)
    }
    return dataclasses.replace(run, replicates=further)


def context_of(
    records: Sequence[RunRecord],
    names: Sequence[str] = CLASSES,
    shape: Sequence[int] = (28, 28),
) -> Context:
    """The context of these runs, with the results that they give, and noise for images."""
    labels = np.arange(30 * len(names)) % len(names)
    size = (len(labels), int(np.prod(shape)))
    images = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
    summary = {"synthetic": True, "classes": list(names), "image_shape": list(shape)}
    prepared = Prepared(images, labels, images, labels, images, labels, labels, summary)
    by_run = {each.run: each for each in records}
    return Context("phantom", by_run, prepared, summarize(by_run, PARAMS, "phantom"))


def context(*runs: str) -> Context:
    """The context of some runs, or of all."""
    return context_of([record(run) for run in runs or PARAMS.experiments])
