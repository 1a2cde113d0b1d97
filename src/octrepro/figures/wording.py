"""Names of runs, and numbers and curves in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from octrepro.core.records import RunRecord
from octrepro.study import names
from octrepro.study.runs import differing


def setting(record: RunRecord, name: str) -> str:
    """One parameter of a run, such as ``η = 0.01``."""
    return names.setting(name, record.experiment[name])


def model_name(record: RunRecord) -> str:
    """The run's model in words."""
    return names.model_name(record.experiment["model"])


def differences(record: RunRecord) -> str:
    """The parameters by which a run differs from its model's defaults, in words."""
    return names.settings(differing(record.experiment))


def run_label(record: RunRecord) -> str:
    """The model and what differs from its defaults, such as ``Feed-forward network, batch 1024``."""
    return names.run_label(record.experiment)


def parameters(record: RunRecord, *wanted: str) -> str:
    """Some parameters of a run for a caption, such as ``η = 0.1, batch 16, 20 epochs``."""
    return ", ".join(setting(record, name) for name in wanted if name in record.experiment)


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
