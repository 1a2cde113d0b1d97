"""Training against the plain PyTorch loop of `tests.oracles.gradient`: the same bits, not just close ones."""

from typing import Any

import numpy as np
import pytest

from octrepro.arithmetic.differentiable import PortableLinear, PortableTanh, portable_cross_entropy
from octrepro.config.experiments import Feedforward, TorchLogisticRegression
from octrepro.core.numerics import Mode
from octrepro.training import trace
from octrepro.training.result import Trained
from octrepro.training.train import train
from tests.oracles import data as samples
from tests.oracles import gradient as oracle


def feedforward(**changes: Any) -> Feedforward:
    settings = {"epochs": 3, "learning_rate": 0.1, "batch_size": 16, "hidden_size": 30, "hidden_layers": 2}
    return Feedforward(model="feedforward", **{**settings, **changes})


def logistic(**changes: Any) -> TorchLogisticRegression:
    settings = {"epochs": 3, "learning_rate": 0.01, "batch_size": 16}
    return TorchLogisticRegression(model="torch_logistic_regression", **{**settings, **changes})


EXPERIMENTS: dict[str, oracle.Experiment] = {
    "logistic": logistic(),
    "logistic_adam_l2": logistic(optimizer="adam", l2_decay=0.01),
    "default": feedforward(),
    "batch_larger_than_the_data": feedforward(batch_size=1024),
    # A last batch of one.
    "dropout_and_l2": feedforward(dropout=0.5, l2_decay=0.001, batch_size=101),
    "tanh": feedforward(activation="tanh"),
    "adam_l2_dropout": feedforward(optimizer="adam", learning_rate=0.001, l2_decay=0.01, dropout=0.3),
    "one_hidden_unit": feedforward(hidden_size=1, batch_size=1, epochs=1),
    "three_hidden_layers": feedforward(hidden_layers=3, dropout=0.1),
}
PARTS: dict[Mode, oracle.Parts] = {
    "native": oracle.Parts(),
    "portable": oracle.Parts(PortableLinear, PortableTanh, portable_cross_entropy, oracle.WrittenOutAdam),
}
# 203 = 12 * 16 + 11: the last batch is smaller.
CASES: dict[str, tuple[samples.Maker, oracle.Experiment]] = {
    name: (lambda: samples.random_data(203, 60, 4), experiment) for name, experiment in EXPERIMENTS.items()
} | {
    name: (make, feedforward(hidden_size=200, dropout=0.2, l2_decay=0.0001, epochs=2))
    for name, make in samples.DATASETS.items()
}


def arrays(trained: Trained) -> list[Any]:
    return [array for layer in trained.layers for array in (layer.weight, layer.bias)]


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("numerics", PARTS)
@pytest.mark.parametrize("name", CASES)
def test_training_has_the_bits_of_the_plain_loop(
    monkeypatch: pytest.MonkeyPatch, name: str, numerics: Mode, traced: bool
) -> None:
    monkeypatch.setattr(trace, "TRACED_FROM", 0 if traced else 10**9)
    make, experiment = CASES[name]
    data = make()
    trained = train(data, experiment, 42, numerics)
    expected, epochs = oracle.train(data, experiment, 42, PARTS[numerics])
    assert trained.epochs == epochs
    assert all(np.array_equal(a, b) for a, b in zip(arrays(trained), expected, strict=True))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_portable_numerics_are_pytorchs_but_for_rounding(name: str) -> None:
    make, experiment = CASES[name]
    native, portable = (arrays(train(make(), experiment, 42, numerics)) for numerics in PARTS)
    for ours, theirs in zip(portable, native, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
