"""Curves, numbers and settings in words."""

import numpy as np
from numpy.typing import NDArray

from octrepro.core.records import RunRecord
from octrepro.study import names


def settings(record: RunRecord, *wanted: str) -> str:
    """Some parameters of a run for a caption, such as ``η = 0.1, batch 16, 20 epochs``."""
    experiment = record.experiment
    return ", ".join(names.setting(name, experiment[name]) for name in wanted if name in experiment)


def number(value: float) -> str:
    """A measured value with three decimals, or with four significant digits when it is large."""
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.4g}"


def trend(name: str, x: NDArray[np.float64], y: NDArray[np.float64], best: int | None = None) -> str:
    """A curve in one clause with its numbers.

    Parameters
    ----------
    name
        What is measured, to start the clause with.
    x, y
        Epochs and finite values, shape (n,).
    best
        Where the best value is, if it is to be named.
    """
    if not len(y):
        return f"{name} has no finite value"
    if len(y) == 1:
        return f"{name} is {number(y[0])} after epoch {x[0]:.0f}"
    change, span = y[-1] - y[0], np.ptp(y)
    if span == 0:
        return f"{name} stays at {number(y[0])} from epoch {x[0]:.0f} to {x[-1]:.0f}"
    verb = "goes" if abs(change) < 0.2 * span else "rises" if change > 0 else "falls"
    text = f"{name} {verb} from {number(y[0])} at epoch {x[0]:.0f} to {number(y[-1])} at epoch {x[-1]:.0f}"
    if best is not None and best not in (0, len(y) - 1):
        extreme = "highest" if y[best] > y[0] else "lowest"
        text += f", {extreme} {number(y[best])} at epoch {x[best]:.0f}"
    elif verb == "goes":
        text += f", between {number(y.min())} and {number(y.max())}"
    return text


def divergence(record: RunRecord) -> str:
    """A sentence about divergence, or nothing."""
    if not record.metrics["diverged"]:
        return ""
    return f" The run diverged in epoch {record.metrics['diverged_epoch']}; its curves end there."
