from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from octrepro.config import (
    Experiment,
    Feedforward,
    LogisticRegression,
    Mlp,
    Perceptron,
    TorchLogisticRegression,
)
from octrepro.core.records import RunRecord
from octrepro.evaluation.evaluate import confusion_matrix, evaluate, multiply_adds, weight_norm
from octrepro.models.layers import Layer
from octrepro.training.result import Epoch, Trained
from octrepro.training.train import train
from tests.oracles import data as samples


def feedforward(**changes: Any) -> Feedforward:
    settings = {"epochs": 3, "learning_rate": 0.1, "batch_size": 16, "hidden_size": 20, "hidden_layers": 2}
    return Feedforward(model="feedforward", **{**settings, **changes})


EXPERIMENTS: dict[str, Experiment] = {
    "perceptron": Perceptron(model="perceptron", epochs=3),
    "logistic": LogisticRegression(model="logistic_regression", epochs=3, learning_rate=0.01),
    "mlp": Mlp(model="mlp", epochs=3, learning_rate=0.01, hidden_size=20),
    "torch_logistic": TorchLogisticRegression(
        model="torch_logistic_regression", epochs=3, learning_rate=0.01, batch_size=16
    ),
    "feedforward": feedforward(dropout=0.2),
    "tanh": feedforward(activation="tanh"),
}
DATA = samples.random_data(203, 60, 4, val=301)


def record_of(name: str) -> RunRecord:
    trained = train(DATA, EXPERIMENTS[name], seed=42)
    return evaluate(DATA, EXPERIMENTS[name], trained, ("data", name), "portable")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_accuracies_are_the_histories_last_and_linear_models_keep_their_weights(name: str) -> None:
    record = record_of(name)
    for split in ("train", "val"):
        last = record.history[f"{split}_accuracy"][-1]
        assert record.metrics[f"{split}_accuracy"] == last or (split == "train" and np.isnan(last))
    if name in ("mlp", "feedforward", "tanh"):
        assert record.linear_weights is None
    else:
        assert record.linear_weights is not None
        assert record.linear_weights.shape == (4, 60)
        assert record.linear_weights.dtype == np.float64


@pytest.mark.parametrize("name", ["logistic", "feedforward"])
def test_native_numerics_stay_within_two_images(name: str) -> None:
    trained = train(DATA, EXPERIMENTS[name], seed=42, numerics="native")
    record = evaluate(DATA, EXPERIMENTS[name], trained, ("data", name), "native")
    assert trained.epochs[-1].val_accuracy is not None
    assert abs(record.metrics["val_correct"] - trained.epochs[-1].val_accuracy * 301) <= 2


def test_rates_come_with_their_counts() -> None:
    metrics = record_of("feedforward").metrics
    for split, total in (("train", 203), ("val", 301), ("test", 301)):
        assert metrics[f"{split}_total"] == total
        assert metrics[f"{split}_accuracy"] == metrics[f"{split}_correct"] / total
    assert sum(map(sum, metrics["confusion"])) == 301
    assert sum(metrics["confusion"][c][c] for c in range(4)) == metrics["test_correct"]
    assert metrics["parameters"] == 61 * 20 + 21 * 20 + 21 * 4
    assert metrics["updates"] == 3 * 13
    assert (metrics["diverged"], metrics["diverged_epoch"], metrics["epochs"]) == (False, None, 3)


def test_evaluates_the_protocols_test_images() -> None:
    chosen = np.array([7, 3, 250])
    trained = train(DATA, EXPERIMENTS["perceptron"], seed=42)
    every, some = (
        evaluate(data, EXPERIMENTS["perceptron"], trained, ("d", "r"), "portable")
        for data in (DATA, replace(DATA, test_indices=chosen))
    )
    assert some.metrics["test_total"] == 3
    assert (some.test_predictions == every.test_predictions[chosen]).all()
    assert (some.test_labels == DATA.test_labels[chosen]).all()
    for name in ("full_test_correct", "full_test_total", "auc", "class_auc"):
        assert some.metrics[name] == every.metrics[name]
    assert every.metrics["full_test_correct"] == every.metrics["test_correct"]
    assert every.metrics["full_test_total"] == len(DATA.test_labels)


@pytest.mark.parametrize(
    "experiment",
    [
        LogisticRegression(model="logistic_regression", epochs=4, learning_rate=1e308),
        Mlp(model="mlp", epochs=4, learning_rate=1e200, hidden_size=8),
        feedforward(epochs=4, learning_rate=1e30),
    ],
    ids=lambda experiment: experiment.model,
)
def test_a_diverging_run_stops_and_is_told(experiment: Experiment) -> None:
    trained = train(DATA, experiment, seed=42)
    metrics = evaluate(DATA, experiment, trained, ("d", "r"), "portable").metrics
    assert metrics["diverged"]
    assert metrics["diverged_epoch"] == metrics["epochs"] == len(trained.epochs) < 4
    assert trained.epochs[-1].val_accuracy is not None
    assert metrics["auc"] is None


def test_confusion_has_true_classes_in_rows() -> None:
    matrix = confusion_matrix(np.array([0, 0, 2]), np.array([1, 0, 1]), 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_weight_norm_leaves_biases_out_and_bears_overflow() -> None:
    layers = [Layer(np.array([[3.0]]), np.array([9.0])), Layer(np.array([[0.0, 4.0]]), np.array([9.0]))]
    assert weight_norm(layers) == 5
    assert weight_norm([Layer(np.array([[1e200, 1e154, 1e154]]), np.zeros(1))]) == np.inf


# Ten samples, four epochs; per sample 15 weights in the first layer, 6 in the second.
NETWORK = 40 * (2 * 15 + 3 * 6)


@pytest.mark.parametrize(
    ("name", "sizes", "updates", "expected"),
    [
        ("feedforward", (5, 3, 2), 40, NETWORK),
        ("mlp", (5, 3, 2), 40, NETWORK),
        ("torch_logistic", (5, 2), 40, 40 * 2 * 5 * 2),
        # Linear models from scratch have a constant feature.
        ("logistic", (5, 2), 40, 40 * 2 * 6 * 2),
        ("perceptron", (5, 2), 7, 40 * 6 * 2 + 7 * 2 * 6),
    ],
)
def test_counts_multiply_adds(name: str, sizes: tuple[int, ...], updates: int, expected: int) -> None:
    layers = [Layer(np.zeros((n, m)), np.zeros(n)) for m, n in pairwise(sizes)]
    trained = Trained(layers, [Epoch()] * 4, updates)
    assert multiply_adds(EXPERIMENTS[name], trained, samples=10) == expected
