"""Names of runs, and numbers and curves in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from octrepro.core.records import RunRecord

_MODELS = {
    "perceptron": "Perceptron",
    "logistic_regression": "Logistic regression",
    "mlp": "MLP",
    "torch_logistic_regression": "PyTorch logistic regression",
    "feedforward": "Feed-forward network",
}
# The protocol's defaults: a label tells what differs from them.
_USUAL: dict[str, dict[str, Any]] = {
    "perceptron": {"epochs": 20},
    "logistic_regression": {"epochs": 50, "learning_rate": None},
    "mlp": {"epochs": 20, "learning_rate": 0.001, "hidden_size": 200, "init_mean": 0.1, "init_sd": 0.01},
    "torch_logistic_regression": {
        "epochs": 20,
        "learning_rate": None,
        "batch_size": 16,
        "l2_decay": 0,
        "optimizer": "sgd",
    },
    "feedforward": {
        "epochs": 20,
        "learning_rate": 0.1,
        "batch_size": 16,
        "hidden_size": 200,
        "hidden_layers": 2,
        "dropout": 0,
        "activation": "relu",
        "l2_decay": 0,
        "optimizer": "sgd",
    },
}
_SETTINGS = {
    "learning_rate": "η {}",
    "batch_size": "batch {}",
    "epochs": "{} epochs",
    "hidden_size": "{} hidden units",
    "hidden_layers": "{} hidden layers",
    "dropout": "dropout {}",
    "activation": "{}",
    "l2_decay": "L2 {}",
    "optimizer": "{}",
    "init_mean": "initial mean {}",
    "init_sd": "initial sd {}",
}


def setting(record: RunRecord, name: str) -> str:
    """One parameter of a run, such as ``η 0.01``."""
    return setting_text(name, record.experiment[name])


def setting_text(name: str, value: Any) -> str:
    """A parameter's value in words, such as ``batch 16``."""
    return _SETTINGS[name].format(f"{value:g}" if isinstance(value, (int, float)) else value)


def model_name(record: RunRecord) -> str:
    """The run's model in words."""
    return _MODELS[record.experiment["model"]]


def differences(record: RunRecord) -> list[str]:
    """The parameters by which a run differs from the usual ones of its model, in words."""
    usual = _USUAL[record.experiment["model"]]
    return [
        setting(record, name)
        for name in _SETTINGS
        if name in usual and record.experiment.get(name) != usual[name]
    ]


def run_label(record: RunRecord) -> str:
    """The model and what differs from the usual, such as ``Feed-forward network, batch 1024``."""
    return ", ".join([model_name(record), *differences(record)])


def parameters(record: RunRecord, *names: str) -> str:
    """Some parameters of a run for a caption, such as ``η 0.1, batch 16, 20 epochs``."""
    return ", ".join(setting(record, name) for name in names if name in record.experiment)


def regularisation(record: RunRecord) -> str:
    """How a run is kept from overfitting, in words."""
    used = [setting(record, name) for name in ("l2_decay", "dropout") if record.experiment.get(name)]
    return ", ".join(used) or "default"


def number(value: float, digits: int = 3) -> str:
    """A measured value with fixed digits, or with four significant ones when it is large."""
    return f"{value:.{digits}f}" if abs(value) < 100 else f"{value:.4g}"


def trend(name: str, epochs: Sequence[float], values: Sequence[float], best: str | None = None) -> str:
    """A curve in one clause with its numbers.

    Parameters
    ----------
    name : str
        What is measured, to start the clause with.
    epochs, values : sequence of float
        The curve; what is not finite is left out.
    best : {"highest", "lowest"}, optional
        Which extreme to tell when it is not at the end.
    """
    x, y = finite(epochs, values)
    if not len(y):
        return f"{name} has no finite value"
    if len(y) == 1:
        return f"{name} is {number(y[0])} after epoch {x[0]:.0f}"
    change, span = y[-1] - y[0], np.ptp(y)
    if span == 0:
        return f"{name} stays at {number(y[0])} from epoch {x[0]:.0f} to {x[-1]:.0f}"
    verb = "goes" if abs(change) < 0.2 * span else "rises" if change > 0 else "falls"
    text = f"{name} {verb} from {number(y[0])} at epoch {x[0]:.0f} to {number(y[-1])} at epoch {x[-1]:.0f}"
    at = None if best is None else int(np.argmax(y) if best == "highest" else np.argmin(y))
    if at is not None and at not in (0, len(y) - 1):
        text += f", {best} {number(y[at])} at epoch {x[at]:.0f}"
    elif verb == "goes":
        text += f", between {number(y.min())} and {number(y.max())}"
    return text


def finite(epochs: Sequence[float], values: Sequence[float]) -> tuple[Any, Any]:
    """The epochs and values at which the value is finite, as float64 arrays."""
    x, y = np.asarray(epochs, dtype=np.float64), np.asarray(values, dtype=np.float64)
    keep = np.isfinite(y)
    return x[keep], y[keep]


def diverged(record: RunRecord) -> str:
    """A sentence about divergence, or nothing."""
    if not record.metrics.get("diverged"):
        return ""
    epoch = record.metrics.get("diverged_epoch")
    return (
        " The run diverged" + (f" in epoch {epoch}" if epoch is not None else "") + "; its curves end there."
    )
