"""Made-up records that look like trained runs, so that figures can be drawn without training."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.config import Params, load_params
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord
from octrepro.figures import Context
from octrepro.results.summary import summarize

LINEAR = ("perceptron", "logistic_regression", "torch_logistic_regression")
OCT_CLASSES = ("choroidal neovascularization", "diabetic macular edema", "drusen", "normal")


def labels_of(shares: list[int]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(shares)), shares)


def predictions(labels: NDArray[np.int64], accuracy: float, rng: np.random.Generator) -> NDArray[np.int64]:
    classes = int(labels.max()) + 1
    wrong = rng.random(len(labels)) > accuracy
    return np.where(wrong, rng.integers(0, classes, len(labels)), labels)


def history(experiment: dict[str, Any], rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Curves that fall and rise as training does; NaN where the protocol records nothing."""
    model, epochs = experiment["model"], np.arange(1.0, experiment["epochs"] + 1)
    rate = experiment.get("learning_rate", 0.1)
    speed = 1 - np.exp(-epochs * (0.05 + rate) / 3)
    noise = rng.normal(0, 0.01 + 0.03 * (model == "perceptron"), len(epochs))
    nothing = np.full(len(epochs), np.nan)
    loss = 1.3 - 0.8 * speed
    columns = {
        "epoch": epochs,
        "train_loss": nothing,
        "train_accuracy": nothing,
        "val_loss": nothing,
        "val_accuracy": 0.45 + 0.25 * speed + noise,
    }
    if model in ("perceptron", "logistic_regression", "mlp"):
        columns["train_accuracy"] = 0.46 + 0.28 * speed + noise / 2
    if model not in ("perceptron", "logistic_regression"):
        columns["train_loss"] = loss
    if model in ("torch_logistic_regression", "feedforward"):
        columns["val_loss"] = loss + 0.002 * epochs + np.abs(noise)
    return columns


def record(
    run: str,
    experiment: dict[str, Any],
    shares: list[int],
    features: int = 784,
    diverged_epoch: int | None = None,
) -> RunRecord:
    """A record of `run` whose parts agree with each other."""
    rng = np.random.default_rng(sum(run.encode()))
    curves = history(experiment, rng)
    if diverged_epoch is not None:
        curves = {name: column[:diverged_epoch].copy() for name, column in curves.items()}
        for name in ("train_loss", "val_loss"):
            curves[name][-1] = np.nan
    val, test = labels_of(shares), labels_of(shares)
    accuracy = float(curves["val_accuracy"][-1])
    val_predictions, test_predictions = (predictions(labels, accuracy, rng) for labels in (val, test))
    confusion = np.zeros((len(shares), len(shares)), dtype=int)
    np.add.at(confusion, (test, test_predictions), 1)
    correct = int(np.trace(confusion))
    weights = rng.normal(0, 0.1, (len(shares), features)) if experiment["model"] in LINEAR else None
    share = float(np.mean(val == val_predictions))
    metrics = {
        "train_correct": round(share * 1000),
        "train_total": 1000,
        "val_correct": int((val == val_predictions).sum()),
        "val_total": len(val),
        "epochs": len(curves["epoch"]),
        "updates": 1000,
        "multiply_adds": 10**9,
        "parameters": 100,
        "test_accuracy": correct / len(test),
        "test_correct": correct,
        "test_total": len(test),
        "val_accuracy": share,
        "full_test_correct": correct,
        "full_test_total": len(test),
        "confusion": confusion.tolist(),
        "full_test_confusion": confusion.tolist(),
        "auc": 0.8,
        "auc_se": 0.02,
        "class_auc": [0.8] * len(shares),
        "class_auc_se": [0.03] * len(shares),
        "diverged": diverged_epoch is not None,
        "diverged_epoch": diverged_epoch,
    }
    return RunRecord(
        "fake", run, experiment, curves, metrics, val_predictions, val, test_predictions, test, weights
    )


def prepared(names: tuple[str, ...], image_shape: tuple[int, ...], synthetic: bool) -> Prepared:
    rng = np.random.default_rng(0)
    features = int(np.prod(image_shape))
    labels = np.arange(30 * len(names)) % len(names)
    images = rng.integers(0, 256, (len(labels), features), dtype=np.uint8)
    summary = {"synthetic": synthetic, "classes": list(names), "image_shape": list(image_shape)}
    return Prepared(images, labels, images, labels, images, labels, np.arange(len(labels)), summary)


def context(
    names: tuple[str, ...] = OCT_CLASSES,
    image_shape: tuple[int, ...] = (28, 28),
    dataset: str = "fake",
    synthetic: bool = True,
    runs: tuple[str, ...] | None = None,
    diverged: dict[str, int] | None = None,
    changed: dict[str, dict[str, Any]] | None = None,
    source: str = "phantom",
) -> Context:
    """A whole data set with the runs of params.yaml, or only `runs`, some with `changed` parameters."""
    experiments = load_params().experiments
    shares = [182, 55, 42, 250] if len(names) == 4 else [40] * len(names)
    records = {
        run: record(
            run,
            experiments[run].model_dump() | (changed or {}).get(run, {}),
            shares,
            int(np.prod(image_shape)),
            (diverged or {}).get(run),
        )
        for run in (experiments if runs is None else runs)
    }
    return with_results(Context(dataset, records, prepared(names, image_shape, synthetic), None), source)


def with_results(made: Context, source: str = "phantom") -> Context:
    """The context with the results that its records give."""
    described = {"source": source} | ({"path": "x.npz"} if source == "file" else {})
    params = load_params().model_dump() | {"datasets": {made.dataset: described}}
    results = summarize(made.records, Params.model_validate(params), made.dataset)
    return dataclasses.replace(made, results=results)
