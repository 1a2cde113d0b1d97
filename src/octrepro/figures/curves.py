"""Curves by epoch: the one way in which every figure draws them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from octrepro.core.records import RunRecord
from octrepro.figures.wording import finite, number, trend
from octrepro.plotting import INK, MUTED, PALETTE, SMALL_SIZE, label_line_ends

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MANY_EPOCHS = 100  # beyond, thinner lines keep neighbouring epochs apart
TRAINING, VALIDATION = PALETTE[1], PALETTE[0]
MEASURES = {
    "loss": ("Loss", "mean cross-entropy, nats"),
    "accuracy": ("Accuracy", "fraction correct"),
}


@dataclass(frozen=True)
class Curve:
    """One line of a panel.

    `optimum`, "highest" or "lowest", marks that point when it is not the last one.
    """

    record: RunRecord
    column: str
    label: str
    colour: str
    width: float = 1.6
    optimum: str | None = None

    @property
    def epochs(self) -> NDArray[np.float64]:
        """Epochs at which the value is finite."""
        return self._points[0]

    @property
    def values(self) -> NDArray[np.float64]:
        """The finite values."""
        return self._points[1]

    @property
    def recorded(self) -> bool:
        """Whether the run has any finite value in this column."""
        return bool(len(self.values))

    @property
    def _points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        points: tuple[Any, Any] = finite(*(list(self.record.history[c]) for c in ("epoch", self.column)))
        return points

    @property
    def band(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Lowest and highest value over all seeds at each of `epochs`; None without replicates."""
        if not self.record.replicates or not self.recorded:
            return None
        every = self.record.over_seeds(self.column)[:, self.epochs.astype(int) - 1]
        every[~np.isfinite(every)] = np.nan
        return np.nanmin(every, axis=0), np.nanmax(every, axis=0)

    def words(self, name: str) -> str:
        """The curve in one clause, called `name`."""
        return trend(name, list(self.epochs), list(self.values), self.optimum)


def train_and_validation(record: RunRecord, measure: str) -> list[Curve]:
    """The training and the validation curve of a run; a column without a finite value is left out.

    Parameters
    ----------
    record : RunRecord
        The run.
    measure : {"loss", "accuracy"}
        What is measured.
    """
    curves = [
        Curve(record, f"train_{measure}", "training", TRAINING, width=1.2),
        Curve(
            record,
            f"val_{measure}",
            "validation",
            VALIDATION,
            width=1.7,
            optimum="lowest" if measure == "loss" else "highest",
        ),
    ]
    return [curve for curve in curves if curve.recorded]


def band_words(curves: Iterable[Curve]) -> str:
    """What the bands are, as a sentence; nothing where there are none."""
    counts = [1 + len(c.record.replicates) for c in curves if c.record.replicates and c.recorded]
    return f" The bands span {max(counts)} seeds, from the lowest to the highest." if counts else ""


def band_columns(curves: Iterable[Curve]) -> dict[str, NDArray[np.float64]]:
    """The bands as columns beside the curves' own, shape (epochs,); NaN where a curve has no value."""
    columns = {}
    for curve in curves:
        if (band := curve.band) is not None:
            for end, values in zip(("low", "high"), band, strict=True):
                column = np.full(len(curve.record.history["epoch"]), np.nan)
                column[curve.epochs.astype(int) - 1] = values
                columns[f"{curve.column}_{end}"] = column
    return columns


def draw(
    axes: Sequence[Axes],
    groups: Sequence[Sequence[Curve]],
    *,
    stacked_labels: bool = True,
    include: Sequence[float] = (),
) -> None:
    """Draw a group of curves into each panel, all panels on one scale, lines labelled at their ends.

    Parameters
    ----------
    axes, groups : sequence
        The panels and, for each, its curves.
    stacked_labels : bool
        Whether the value at the end stands under the label instead of after it.
    include : sequence of float
        Values that the vertical axis must reach.
    """
    ticks = _scale([curve for group in groups for curve in group], include)
    for ax, group in zip(axes, groups, strict=True):
        _vertical(ax, *ticks)
        if ax is not axes[0]:
            ax.set_yticklabels([])  # the grid carries the first panel's scale across
        _horizontal(ax, max((_epochs_asked(curve.record) for curve in group), default=1))
        if not group:
            ax.text(0.5, 0.5, "no finite value", transform=ax.transAxes, ha="center", color=MUTED)
        for curve in group:
            _line(ax, curve)
        _mark_divergence(ax, group)
        separator = "\n" if stacked_labels else " "
        label_line_ends(
            ax,
            [
                (curve.values[-1], f"{curve.label}{separator}{number(curve.values[-1])}", curve.colour)
                for curve in group
            ],
        )


def _line(ax: Axes, curve: Curve) -> None:
    x, y = curve.epochs, curve.values
    lone = "o" if len(y) == 1 else None
    if (band := curve.band) is not None and len(y) > 1:
        ax.fill_between(x, *band, color=curve.colour, alpha=0.16, linewidth=0, zorder=2)
    width = curve.width if len(y) <= MANY_EPOCHS else 0.65 * curve.width
    (line,) = ax.plot(
        x, y, color=curve.colour, linewidth=width, marker=lone, markersize=4, clip_on=False, zorder=3
    )
    line.set_gid(f"series:{curve.label}")
    if curve.optimum is not None and len(y) > 1:
        best = int(np.argmax(y) if curve.optimum == "highest" else np.argmin(y))
        if best != len(y) - 1:
            ax.plot(
                x[best],
                y[best],
                marker="o",
                markersize=5.5,
                markerfacecolor="none",
                markeredgecolor=curve.colour,
                clip_on=False,
                zorder=4,
            )


def _mark_divergence(ax: Axes, curves: Sequence[Curve]) -> None:
    """Cross the ends of diverged curves, lead from there to their labels, and say so once for each run."""
    ended = {curve.record.run: curve for curve in curves if curve.record.metrics["diverged"]}
    for curve in curves:
        if curve.record.run in ended:
            x, y = curve.epochs[-1], curve.values[-1]
            ax.plot(x, y, marker="x", markersize=6, markeredgewidth=1.6, color=curve.colour, zorder=5)
            ax.plot((x, ax.get_xlim()[1]), (y, y), color=curve.colour, linewidth=0.7, linestyle=(0, (1, 2)))
            ended[curve.record.run] = max(curve, ended[curve.record.run], key=lambda c: float(c.values[-1]))
    for curve in ended.values():
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


def _epochs_asked(record: RunRecord) -> int:
    return int(record.experiment["epochs"])


def _horizontal(ax: Axes, last: int) -> None:
    """Epochs from 1 to `last`: both labelled, and round ones between."""
    ax.set_xlim((1, last) if last > 1 else (0.5, 1.5))
    step = next(s * 10**power for power in range(9) for s in (1, 2, 5) if last <= 7 * s * 10**power)
    between = [tick for tick in range(step, last, step) if tick > 1 + step / 2 and tick < last - step / 2]
    ticks = list(dict.fromkeys([1, *between, last]))
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.set_xlabel("Epoch", labelpad=3)


def _scale(curves: Sequence[Curve], include: Sequence[float]) -> tuple[list[float], float, float, bool]:
    """Ticks, limits and whether to use a logarithmic axis, for all of `curves` together."""
    from matplotlib.ticker import MaxNLocator

    bands = [end for curve in curves for end in curve.band or ()]
    values = np.concatenate([*(curve.values for curve in curves), *bands, np.asarray(include, dtype=float)])
    if not len(values):
        return [0.0, 1.0], 0.0, 1.0, False
    low, high = float(values.min()), float(values.max())
    if low > 0 and high / low > 50:
        powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
        ticks = [10.0**power for power in powers][:: max(1, len(powers) // 6)]
        return ticks, low / 1.2, high * 1.2, True
    if all(curve.column.endswith("loss") for curve in curves) and low < 0.35 * high:
        low = 0.0
    margin = 0.04 * (high - low) or 0.05 * abs(high) or 0.5
    lower = low if low == 0 else low - margin
    ticks = [
        float(t) for t in MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(lower, high + margin)
    ]
    return [t for t in ticks if lower <= t <= high + margin], lower, high + margin, False


def _vertical(ax: Axes, ticks: Sequence[float], low: float, high: float, logarithmic: bool) -> None:
    if logarithmic:
        ax.set_yscale("log")
        ax.minorticks_off()
        labels = [f"{tick:g}" for tick in ticks]
    else:
        labels = fixed(ticks)
    ax.set_ylim(low, high)
    ax.set_yticks(ticks, labels)
    ax.set_ylim(low, high)


def fixed(ticks: Sequence[float]) -> list[str]:
    """Labels for evenly spaced ticks, with as many decimals as their step needs."""
    if len(ticks) > 1 and max(abs(t) for t in ticks) < 1e6:
        step = ticks[1] - ticks[0]
        decimals = next((d for d in range(10) if abs(round(step, d) - step) < 1e-6 * step), 10)
        return [f"{tick:.{decimals}f}".replace("-", "\u2212") for tick in ticks]
    return [f"{tick:g}" for tick in ticks]
