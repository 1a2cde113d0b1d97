"""The two axes of a panel of curves: epochs across, a measure up."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray


def draw_axes(ax: Axes, values: NDArray[np.float64], last_epoch: int, *, from_zero: bool) -> None:
    """Set the limits and ticks of a panel.

    The vertical axis reaches all `values`, shape (n,): logarithmic where they span more than a factor of 50,
    else `from_zero`, if wanted, when they come near it. The horizontal axis ends at `last_epoch`.
    """
    _vertical(ax, values, from_zero)
    ax.set_xlim((1, last_epoch) if last_epoch > 1 else (0.5, 1.5))
    step = next(s * 10**power for power in range(9) for s in (1, 2, 5) if last_epoch <= 7 * s * 10**power)
    between = [t for t in range(step, last_epoch, step) if 1 + step / 2 < t < last_epoch - step / 2]
    ticks = list(dict.fromkeys([1, *between, last_epoch]))
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.set_xlabel("Epoch", labelpad=3)


def _vertical(ax: Axes, values: NDArray[np.float64], from_zero: bool) -> None:
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    if low > 0 and high / low > 50:
        ax.set_yscale("log")
        ax.minorticks_off()
        powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
        ticks = [10.0**power for power in powers][:: max(1, len(powers) // 6)]
        labels = [f"{tick:g}" for tick in ticks]
        limits = (low / 1.2, high * 1.2)
    else:
        if from_zero and low < 0.35 * high:
            low = 0.0
        margin = 0.04 * (high - low) or 0.05 * abs(high) or 0.5
        limits = (low if low == 0 else low - margin, high + margin)
        every = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(*limits)
        ticks = [float(tick) for tick in every if limits[0] <= tick <= limits[1]]
        labels = _even_labels(ticks)
    ax.set_yticks(ticks, labels)
    ax.set_ylim(*limits)


def _even_labels(ticks: Sequence[float]) -> list[str]:
    """Labels for evenly spaced ticks, with as many decimals as their step needs."""
    if len(ticks) > 1 and max(abs(t) for t in ticks) < 1e6:
        step = ticks[1] - ticks[0]
        decimals = next((d for d in range(10) if abs(round(step, d) - step) < 1e-6 * step), 10)
        return [f"{tick:.{decimals}f}".replace("-", "−") for tick in ticks]
    return [f"{tick:g}" for tick in ticks]
