"""Curves by epoch: the one way in which every figure draws them."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, StrMethodFormatter
from numpy.typing import NDArray

from octrepro.core.records import RunRecord
from octrepro.figures.context import number
from octrepro.plotting.palette import MUTED, PALETTE
from octrepro.plotting.style import DOTTED, label_line_ends

MANY_EPOCHS = 100  # beyond, thinner lines keep neighboring epochs apart
SPLITS = {"train": "training", "val": "validation"}


@dataclass(frozen=True)
class Curve:
    """One line of a panel.

    With further seeds, the mean over a `window` of epochs, centered, takes the place of single epochs, which
    would hide bands that overlap.
    """

    record: RunRecord
    column: str
    label: str
    color: str
    width: float = 1.6
    marks_best: bool = False
    window: int = 1

    @property
    def measure(self) -> str:
        """What is measured: ``loss`` or ``accuracy``."""
        return self.column.partition("_")[2]

    @cached_property
    def epochs(self) -> NDArray[np.float64]:
        """Epochs at which the value is finite."""
        return self.record.history["epoch"][np.isfinite(self.record.history[self.column])]

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """The finite values, or their means over the window where there is a band."""
        values = self.record.history[self.column]
        values = values[np.isfinite(values)]
        return moving_mean(values, self.window) if self.record.replicates else values

    @property
    def best(self) -> int | None:
        """Where the lowest loss or highest accuracy is, if it is to be marked and not the last point."""
        if not self.marks_best or not len(self.values):
            return None
        best = int(np.argmin(self.values) if self.measure == "loss" else np.argmax(self.values))
        return best if best != len(self.values) - 1 else None

    @cached_property
    def band(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Lowest and highest value, or mean over the `window`, of all seeds at each of `epochs`.

        None without replicates.
        """
        if not self.record.replicates or not len(self.values):
            return None
        every = self.record.over_seeds(self.column)[:, self.epochs.astype(int) - 1]
        every[~np.isfinite(every)] = np.nan
        every = np.stack([moving_mean(values, self.window) for values in every])
        return np.nanmin(every, axis=0), np.nanmax(every, axis=0)

    @property
    def end(self) -> str:
        """The last value, or that the run diverged."""
        return "diverged" if self.record.metrics["diverged"] else number(self.values[-1])

    @property
    def words(self) -> str:
        """The curve in one clause with its numbers."""
        x, y = self.epochs, self.values
        name = f"{SPLITS[self.column.partition('_')[0]]} {self.measure}"
        if len(y) == 1:
            return f"{name} is {number(y[0])} after epoch {x[0]:.0f}"
        first, last, low, high = (
            f"{number(y[place])} at epoch {x[place]:.0f}" for place in (0, -1, np.argmin(y), np.argmax(y))
        )
        return f"{name} goes from {first} to {last}, lowest {low}, highest {high}"


def train_and_validation(record: RunRecord, measure: str) -> list[Curve]:
    """The training and the validation curve of a run."""
    return [
        Curve(record, f"train_{measure}", "training", PALETTE[1], width=1.2),
        Curve(record, f"val_{measure}", "validation", PALETTE[0], width=1.7, marks_best=True),
    ]


def moving_mean(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """The centered mean over a window of epochs, narrower at the ends; NaN only where all of it is."""
    mean = pd.Series(values).rolling(window, center=True, min_periods=1).mean()
    return np.asarray(mean, dtype=np.float64)


def band_words(curves: Iterable[Curve]) -> str:
    """What the bands are, as a sentence; nothing where there are none."""
    banded = [curve for curve in curves if curve.band is not None]
    if not banded:
        return ""
    seeds = 1 + max(len(curve.record.replicates) for curve in banded)
    window = banded[0].window
    means = f" of the means over {window} epochs, which the lines show" if window > 1 else ""
    return f" The bands span {seeds} seeds, from the lowest to the highest{means}."


def table(curves: Sequence[Curve]) -> dict[str, list[Any]]:
    """One row for each run, measure and epoch, with the band over seeds where there is one."""
    frames = [pd.DataFrame(columns=["run", "measure", "epoch", "value"])]
    for curve in curves:
        frame = {"run": curve.record.run, "measure": curve.column, "epoch": curve.epochs.astype(int)}
        frame |= {"value": curve.values}
        for name, edge in zip(("low", "high"), curve.band or (), strict=False):
            frame[name] = [float(f"{value:.6g}") for value in edge]  # more than a band shows
        frames.append(pd.DataFrame(frame))
    columns: dict[str, list[Any]] = pd.concat(frames).to_dict("list")
    return columns


def draw(
    axes: Sequence[Axes],
    groups: Sequence[Sequence[Curve]],
    *,
    stacked_labels: bool = True,
    scale_of: Sequence[Curve] = (),
) -> None:
    """Draw a group of curves into each panel, all panels on one scale, lines labeled at their ends.

    With `stacked_labels` the value at the end stands under the label instead of after it. `scale_of` are
    curves of another figure that share the scale. A curve without a finite value is left out.
    """
    scaled = [curve for curve in itertools.chain(*groups, scale_of) if len(curve.values)]
    for ax, group in zip(axes, groups, strict=True):
        _vertical_axis(ax, scaled)
        _horizontal_axis(ax, max(int(curve.record.experiment["epochs"]) for curve in group))
        ax.tick_params(labelleft=ax is axes[0])  # the grid carries the first panel's scale across
        finite = [curve for curve in group if len(curve.values)]
        if not finite:
            ax.text(0.5, 0.5, "no finite value", transform=ax.transAxes, ha="center", color=MUTED)
        for curve in finite:
            _line(ax, curve)
        separator = "\n" if stacked_labels else " "
        label_line_ends(ax, [(c.values[-1], f"{c.label}{separator}{c.end}", c.color) for c in finite])


def _vertical_axis(ax: Axes, scaled: Sequence[Curve]) -> None:
    """Reach all values, logarithmic where they span more than a factor of 50; losses from 0 if it is near."""
    values = np.concatenate(
        [*(each for c in scaled for each in (c.values, *(c.band or ()))), [] if scaled else [0.0, 1.0]]
    )
    low, high = float(values.min()), float(values.max())
    if low > 0 and high / low > 50:
        ax.set_yscale("log")
        ax.set_ylim(low / 1.2, high * 1.2)
        ax.yaxis.set_major_locator(LogLocator(numticks=7))
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.minorticks_off()
        return
    if low < 0.35 * high and all(curve.measure == "loss" for curve in scaled):
        low = 0.0
    margin = 0.04 * (high - low) or 0.05 * abs(high) or 0.5
    ax.set_ylim(low if low == 0 else low - margin, high + margin)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))


def _horizontal_axis(ax: Axes, last: int) -> None:
    """From the first epoch to the last, both of which have a tick."""
    ax.set_xlim((1, last) if last > 1 else (0.5, 1.5))
    step = next(s * 10**power for power in range(9) for s in (1, 2, 5) if last <= 7 * s * 10**power)
    between = [tick for tick in range(step, last, step) if 1 + step / 2 < tick < last - step / 2]
    ax.set_xticks(sorted({1, *between, last}))
    ax.set_xlabel("Epoch", labelpad=3)


def _line(ax: Axes, curve: Curve) -> None:
    x, y, color = curve.epochs, curve.values, curve.color
    if curve.band is not None and len(y) > 1:
        # The edges tell bands apart where they overlap, without color too.
        ax.fill_between(x, *curve.band, color=color, alpha=0.2, linewidth=0.4, zorder=2)
    width = curve.width if len(y) <= MANY_EPOCHS else 0.65 * curve.width
    marker = "o" if len(y) == 1 else None
    style: Any = {"linewidth": width, "marker": marker, "markersize": 4, "clip_on": False, "zorder": 3}
    (line,) = ax.plot(x, y, color=color, **style)
    line.set_gid(f"series:{curve.label}")
    if (best := curve.best) is not None:
        ring: Any = {"marker": "o", "markersize": 5.5, "fillstyle": "none"}
        ax.plot(x[best], y[best], color=color, clip_on=False, zorder=4, **ring)
    if curve.record.metrics["diverged"]:
        # A cross at the end, and a line from there to the label.
        ax.plot(x[-1], y[-1], marker="x", markersize=6, markeredgewidth=1.6, color=color, zorder=5)
        ax.plot((x[-1], ax.get_xlim()[1]), (y[-1], y[-1]), color=color, linewidth=0.7, linestyle=DOTTED)
