"""What is recorded of a trained run: counts, rates and how much arithmetic it took."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from octrepro.config.experiments import Experiment
from octrepro.core.numerics import Mode
from octrepro.core.records import RunRecord
from octrepro.evaluation.evaluate import evaluate, multiply_adds, weight_norm
from octrepro.models.layers import Layer
from octrepro.training.result import Trained
from octrepro.training.train import train
from tests.oracles.data import random_data
from tests.records import PARAMS

DATA = random_data(203, 60, 4, val=301)
LINEAR = ("perceptron", "logistic_lr0_01", "torch_logistic_lr0_01")
NETWORKS = ("mlp", "feedforward_long_dropout")


def small(run: str, **changes: Any) -> Experiment:
    """A run of params.yaml, with less of everything."""
    experiment = PARAMS.experiments[run]
    sizes = {"epochs": 3, "batch_size": 16, "hidden_size": 20, **changes}
    return experiment.model_copy(update={k: v for k, v in sizes.items() if hasattr(experiment, k)})


def evaluated(experiment: Experiment, numerics: Mode = "portable") -> RunRecord:
    trained = train(DATA, experiment, seed=42, numerics=numerics)
    return evaluate(DATA, experiment, trained, numerics)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("run", [*LINEAR, *NETWORKS])
def test_rates_are_counts_of_images_and_the_histories_last(run: str, activation: str) -> None:
    record = evaluated(small(run, activation=activation))
    metrics = record.metrics
    for split, total in (("train", 203), ("val", 301), ("test", 301), ("full_test", 301)):
        assert metrics[f"{split}_total"] == total
        assert metrics[f"{split}_accuracy"] == metrics[f"{split}_correct"] / total
    for split in ("train", "val"):
        last = record.history[f"{split}_accuracy"][-1]
        assert metrics[f"{split}_accuracy"] == last or (split == "train" and np.isnan(last))
    for split, name in (("test", "confusion"), ("full_test", "full_test_confusion")):
        assert list(np.sum(metrics[name], axis=1)) == list(np.bincount(DATA.test_labels))
        assert np.trace(metrics[name]) == metrics[f"{split}_correct"]
    assert (metrics["diverged"], metrics["diverged_epoch"], metrics["epochs"]) == (False, None, 3)
    assert (None if run in NETWORKS else (4, 60)) == getattr(record.linear_weights, "shape", None)


def test_evaluates_the_protocols_test_images() -> None:
    chosen = np.array([7, 3, 250])
    experiment = small("perceptron")
    trained = train(DATA, experiment, seed=42)
    every, some = (
        evaluate(data, experiment, trained, "portable") for data in (DATA, replace(DATA, test_indices=chosen))
    )
    assert some.metrics["test_total"] == 3
    assert (some.test_predictions == every.test_predictions[chosen]).all()
    assert (some.test_labels == DATA.test_labels[chosen]).all()
    for name in ("full_test_correct", "full_test_total", "auc", "class_auc"):
        assert some.metrics[name] == every.metrics[name]


@pytest.mark.parametrize(("run", "rate"), [("logistic_lr0_01", 1e308), ("mlp", 1e200), ("feedforward", 1e30)])
def test_a_diverging_run_stops_and_is_told(run: str, rate: float) -> None:
    record = evaluated(small(run, learning_rate=rate, epochs=4))
    assert record.metrics["diverged"]
    assert record.metrics["diverged_epoch"] == record.metrics["epochs"] == len(record.history["epoch"]) < 4
    assert np.isfinite(record.history["val_accuracy"]).all()
    assert record.metrics["auc"] is None


def test_weight_norm_leaves_biases_out_and_bears_overflow() -> None:
    layers = [Layer(np.array([[3.0]]), np.array([9.0])), Layer(np.array([[0.0, 4.0]]), np.array([9.0]))]
    assert weight_norm(layers) == 5
    assert weight_norm([Layer(np.array([[1e200, 1e154, 1e154]]), np.zeros(1))]) == np.inf


# Ten samples, four epochs; per sample of a network 15 weights in the first layer, 6 in the second. Linear
# models from scratch have a constant feature.
@pytest.mark.parametrize(
    ("run", "sizes", "updates", "expected"),
    [
        ("mlp", (5, 3, 2), 40, 40 * (2 * 15 + 3 * 6)),
        ("logistic_lr0_01", (5, 2), 40, 40 * 2 * 6 * 2),
        ("perceptron", (5, 2), 7, 40 * 6 * 2 + 7 * 2 * 6),
    ],
)
def test_counts_multiply_adds(run: str, sizes: tuple[int, ...], updates: int, expected: int) -> None:
    layers = [Layer(np.zeros((n, m)), np.zeros(n)) for m, n in pairwise(sizes)]
    trained = Trained(layers, [{}] * 4, updates)
    assert multiply_adds(PARAMS.experiments[run], trained, samples=10) == expected
