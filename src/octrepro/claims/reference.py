"""What the source report gives in numbers, and the protocol's parameters behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Every accuracy of the source report is a count over this many test images, printed to 4 decimals.
TEST_IMAGES = 529
DECIMALS = 4

# The parameters that the protocol takes for granted, by model; others always tell one run from another.
DEFAULTS: dict[str, dict[str, Any]] = {
    "perceptron": {"epochs": 20},
    "logistic_regression": {"epochs": 50},
    "mlp": {"epochs": 20, "learning_rate": 0.001, "hidden_size": 200, "init_mean": 0.1, "init_sd": 0.01},
    "torch_logistic_regression": {"epochs": 20, "batch_size": 16, "l2_decay": 0.0, "optimizer": "sgd"},
    "feedforward": {
        "epochs": 20,
        "learning_rate": 0.1,
        "batch_size": 16,
        "hidden_size": 200,
        "hidden_layers": 2,
        "dropout": 0.0,
        "activation": "relu",
        "l2_decay": 0.0,
        "optimizer": "sgd",
    },
}


@dataclass(frozen=True)
class Reported:
    """A test accuracy of the source report.

    Attributes
    ----------
    accuracy
        As printed: a text, since its decimals count.
    model
        The model of params.yaml.
    differing
        The parameters in which the run differs from the model's defaults.
    """

    accuracy: str
    question: str
    model: str
    differing: Mapping[str, Any] = field(default_factory=dict)


REPORTED: dict[str, Reported] = {
    "perceptron": Reported("0.3422", "1.1a", "perceptron"),
    "logistic_lr0_01": Reported("0.5784", "1.1b", "logistic_regression", {"learning_rate": 0.01}),
    "logistic_lr0_001": Reported("0.5936", "1.1b", "logistic_regression", {"learning_rate": 0.001}),
    "mlp": Reported("0.7505", "1.2b", "mlp"),
    "torch_logistic_lr0_01": Reported("0.6200", "2.1", "torch_logistic_regression", {"learning_rate": 0.01}),
    "feedforward": Reported("0.7675", "2.2a", "feedforward"),
    "feedforward_long_dropout": Reported(
        "0.7825", "2.2c", "feedforward", {"epochs": 150, "batch_size": 256, "dropout": 0.2}
    ),
}


def differing(experiment: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a run that its model's defaults do not give."""
    defaults = DEFAULTS[experiment["model"]]
    return {
        name: value
        for name, value in experiment.items()
        if name != "model" and (name not in defaults or defaults[name] != value)
    }
