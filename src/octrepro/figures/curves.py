"""Curves by epoch: the one way in which every figure draws them."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from octrepro.core.records import RunRecord
from octrepro.figures.captions import number, trend
from octrepro.plotting.labels import label_line_ends
from octrepro.plotting.palette import INK, MUTED, PALETTE
from octrepro.plotting.style import DOTTED, SMALL_SIZE

MANY_EPOCHS = 100  # beyond, thinner lines keep neighboring epochs apart


@dataclass(frozen=True)
class Curve:
    """One line of a panel.

    A `window` of epochs adds the mean over it, centered, and the curve itself is drawn faintly; with a band
    over seeds the mean takes its place, since single epochs would hide bands that overlap.
    """

    record: RunRecord
    column: str
    label: str
    color: str
    width: float = 1.6
    marks_best: bool = False
    window: int = 0

    @cached_property
    def epochs(self) -> NDArray[np.float64]:
        """Epochs at which the value is finite."""
        return self.record.history["epoch"][np.isfinite(self.record.history[self.column])]

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """The finite values, or their means over the window where there is a band."""
        values = self.record.history[self.column]
        values = values[np.isfinite(values)]
        return moving_mean(values, self.window) if self.window and self.record.replicates else values

    @property
    def best(self) -> int | None:
        """Where the lowest loss or highest accuracy is, if it is to be marked and not the last point."""
        if not self.marks_best or not len(self.values):
            return None
        best = int(np.argmin(self.values) if self.column.endswith("loss") else np.argmax(self.values))
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
        if self.window:
            every = np.stack([moving_mean(values, self.window) for values in every])
        return np.nanmin(every, axis=0), np.nanmax(every, axis=0)

    def words(self, name: str) -> str:
        """The curve in one clause, called `name`."""
        return trend(name, self.epochs, self.values, self.best)


def train_and_validation(record: RunRecord, measure: str) -> list[Curve]:
    """The training and the validation curve of a run; a column without a finite value is left out."""
    curves = [
        Curve(record, f"train_{measure}", "training", PALETTE[1], width=1.2),
        Curve(record, f"val_{measure}", "validation", PALETTE[0], width=1.7, marks_best=True),
    ]
    return [curve for curve in curves if len(curve.values)]


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
    means = " of these means" if banded[0].window else ""
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
    curves of another figure that share the scale.
    """
    groups = [[curve for curve in group if len(curve.values)] for group in groups]
    scaled = [*itertools.chain(*groups), *scale_of]
    values = np.concatenate([[], *(each for curve in scaled for each in (curve.values, *(curve.band or ())))])
    for ax, group in zip(axes, groups, strict=True):
        last = max((int(curve.record.experiment["epochs"]) for curve in group), default=1)
        _axes(ax, values, last, from_zero=all(curve.column.endswith("loss") for curve in scaled))
        if ax is not axes[0]:
            ax.set_yticklabels([])  # the grid carries the first panel's scale across
        if not group:
            ax.text(0.5, 0.5, "no finite value", transform=ax.transAxes, ha="center", color=MUTED)
        for curve in group:
            _line(ax, curve)
        _mark_divergence(ax, group)
        separator = "\n" if stacked_labels else " "
        ends = [(c.values[-1], f"{c.label}{separator}{number(c.values[-1])}", c.color) for c in group]
        label_line_ends(ax, ends)


def _axes(ax: Axes, values: NDArray[np.float64], last_epoch: int, *, from_zero: bool) -> None:
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
    if curve.window and curve.band is None:
        line.set(alpha=0.35, linewidth=0.6)
        ax.plot(x, moving_mean(y, curve.window), color=color, linewidth=curve.width, zorder=4)
    if (best := curve.best) is not None:
        ring: Any = {"marker": "o", "markersize": 5.5, "fillstyle": "none"}
        ax.plot(x[best], y[best], color=color, clip_on=False, zorder=4, **ring)


def _mark_divergence(ax: Axes, curves: Sequence[Curve]) -> None:
    """Cross the ends of diverged curves, lead from there to their labels, and say so once for each run."""
    highest: dict[str, Curve] = {}
    for curve in curves:
        if not curve.record.metrics["diverged"]:
            continue
        x, y = curve.epochs[-1], curve.values[-1]
        ax.plot(x, y, marker="x", markersize=6, markeredgewidth=1.6, color=curve.color, zorder=5)
        ax.plot((x, ax.get_xlim()[1]), (y, y), color=curve.color, linewidth=0.7, linestyle=DOTTED)
        other = highest.get(curve.record.run, curve)
        highest[curve.record.run] = max(curve, other, key=lambda c: float(c.values[-1]))
    for curve in highest.values():
        x, y = curve.epochs[-1], curve.values[-1]
        across, up = ax.transLimits.transform(ax.transScale.transform((x, y)))
        ax.annotate(
            f"diverged in epoch {curve.record.metrics['diverged_epoch']}",
            (x, y),
            xytext=(7 if across < 0.5 else -7, 6 if up < 0.85 else -13),
            textcoords="offset points",
            ha="left" if across < 0.5 else "right",
            color=INK,
            fontsize=SMALL_SIZE,
            zorder=6,
        )
