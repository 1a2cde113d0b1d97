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

from octrepro.core.records import RunRecord
from octrepro.figures.context import number
from octrepro.plotting.palette import MUTED, PALETTE
from octrepro.plotting.style import DOTTED, label_line_ends

MANY_EPOCHS = 100  # beyond, thinner lines keep neighboring epochs apart
SPLITS = {"train": "training", "val": "validation"}


@dataclass(frozen=True)
class Curve:
    """One line of a panel, with a band over seeds where there are further ones."""

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
    def points(self) -> pd.DataFrame:
        """By epoch the ``value``, where it is finite; with further seeds ``low`` and ``high`` of all, too.

        Then means over a `window` of epochs, centered and narrower at the ends, take the place of single
        epochs, which would hide bands that overlap.
        """
        every = [self.record, *self.record.replicates.values()]
        histories = [
            pd.Series(each.history[self.column], each.history["epoch"].astype(int)) for each in every
        ]
        seeds = pd.concat(histories, axis=1).replace([-np.inf, np.inf], np.nan).dropna(subset=[0])
        if len(every) == 1:
            return seeds.set_axis(["value"], axis=1)
        means = seeds.rolling(self.window, center=True, min_periods=1).mean()
        band = {"low": means.min(axis=1), "high": means.max(axis=1)}
        return pd.DataFrame({"value": means[0], **band})

    @property
    def values(self) -> pd.Series:
        """The finite values, by epoch."""
        return self.points["value"]

    @property
    def best(self) -> int | None:
        """The epoch of the lowest loss or highest accuracy, if it is to be marked and not the last."""
        best = self.values.idxmin() if self.measure == "loss" else self.values.idxmax()
        return int(best) if self.marks_best and best != self.values.index[-1] else None

    @property
    def end(self) -> str:
        """The last value, or that the run diverged."""
        return "diverged" if self.record.metrics["diverged"] else number(self.values.iloc[-1])

    @property
    def words(self) -> str:
        """The curve in one clause with its numbers."""
        values = self.values
        name = f"{SPLITS[self.column.partition('_')[0]]} {self.measure}"
        epochs = (values.index[0], values.index[-1], values.idxmin(), values.idxmax())
        if len(values) == 1:
            return f"{name} is {number(values.iloc[0])} after epoch {epochs[0]}"
        first, last, low, high = (f"{number(values[epoch])} at epoch {epoch}" for epoch in epochs)
        return f"{name} goes from {first} to {last}, lowest {low}, highest {high}"


def train_and_validation(record: RunRecord, measure: str) -> list[Curve]:
    """The training and the validation curve of a run."""
    return [
        Curve(record, f"train_{measure}", "training", PALETTE[1], width=1.2),
        Curve(record, f"val_{measure}", "validation", PALETTE[0], width=1.7, marks_best=True),
    ]


def band_words(curves: Iterable[Curve]) -> str:
    """What the bands are, as a sentence; nothing where there are none."""
    banded = [curve for curve in curves if curve.record.replicates]
    if not banded:
        return ""
    seeds = 1 + max(len(curve.record.replicates) for curve in banded)
    window = banded[0].window
    means = f" of the means over {window} epochs, which the lines show" if window > 1 else ""
    return f" The bands span {seeds} seeds, from the lowest to the highest{means}."


def table(curves: Iterable[Curve]) -> pd.DataFrame:
    """One row for each run, measure and epoch, with the band over seeds where there is one."""
    every = {(curve.record.run, curve.column): curve.points for curve in curves}
    rows = pd.concat(every, names=["run", "measure", "epoch"]).reset_index()
    edges = rows.columns.intersection(["low", "high"])
    rows[edges] = rows[edges].map(lambda edge: float(f"{edge:.6g}"))  # more than a band shows
    return rows


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
        label_line_ends(ax, [(c.values.iloc[-1], f"{c.label}{separator}{c.end}", c.color) for c in finite])


def _vertical_axis(ax: Axes, scaled: Sequence[Curve]) -> None:
    """Reach all values, logarithmic where they span more than a factor of 50; losses from 0 if it is near."""
    values = np.concatenate([np.ravel(curve.points) for curve in scaled] or [np.array([0.0, 1.0])])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
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
    values, color = curve.values, curve.color
    if curve.record.replicates and len(values) > 1:
        # The edges tell bands apart where they overlap, without color too.
        low, high = curve.points["low"], curve.points["high"]
        ax.fill_between(values.index, low, high, color=color, alpha=0.2, linewidth=0.4, zorder=2)
    width = curve.width if len(values) <= MANY_EPOCHS else 0.65 * curve.width
    marker = "o" if len(values) == 1 else None
    style: Any = {"linewidth": width, "marker": marker, "markersize": 4, "clip_on": False, "zorder": 3}
    (line,) = ax.plot(values, color=color, **style)
    line.set_gid(f"series:{curve.label}")
    if (best := curve.best) is not None:
        ring: Any = {"marker": "o", "markersize": 5.5, "fillstyle": "none"}
        ax.plot(best, values[best], color=color, clip_on=False, zorder=4, **ring)
    if curve.record.metrics["diverged"]:
        # A cross at the end, and a line from there to the label.
        epoch, value = values.index[-1], values.iloc[-1]
        ax.plot(epoch, value, marker="x", markersize=6, markeredgewidth=1.6, color=color, zorder=5)
        ax.plot((epoch, ax.get_xlim()[1]), (value, value), color=color, linewidth=0.7, linestyle=DOTTED)
