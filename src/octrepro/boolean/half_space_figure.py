"""The figure of the hidden units' half-spaces: why a construction computes f, or where it goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from octrepro.boolean.networks import Family, Network, attainable_sums, target
from octrepro.boolean.response import response
from octrepro.core import paths
from octrepro.plotting.palette import GRID, INK, MUTED, PALETTE
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import SMALL_SIZE, figure
from octrepro.plotting.text import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["INSIDE", "OUTSIDE", "SOURCES", "half_spaces", "marker"]

INSIDE, OUTSIDE = PALETTE[0], PALETTE[1]

# A small case in which both ends of [A, B] are attainable sums.
HALF_SPACES = (4, -2, 2)

# What every figure of question 3 is drawn from.
SOURCES = [str(paths.verification())]


def marker(value: int) -> dict[str, Any]:
    """Filled circles for f = +1, hollow squares for f = -1: more than color tells them apart."""
    if value == 1:
        return {"marker": "o", "color": INSIDE, "linestyle": "none"}
    return {"marker": "s", "color": OUTSIDE, "markerfacecolor": "none", "linestyle": "none"}


@dataclass(frozen=True)
class _Stretch:
    """Sums from low to high, None where it has no end."""

    name: str
    what: str
    low: Fraction | None
    high: Fraction | None


def half_spaces(families: Sequence[Family]) -> Drawing:
    """What each hidden unit lets pass and where h = +1, in terms of the sum, for every construction."""
    dimension, A, B = HALF_SPACES
    edge = dimension + 1.0
    fig, ax = figure("text", 0.85 + 0.29 * len(families), left=1.95, right=1.3, top=0.4, bottom=0.45)
    stretches: list[_Stretch] = []
    for row, family in enumerate(families):
        network = family.at(dimension, A, B)
        found = _stretches(family, dimension, A, B)
        stretches += found
        heights = {"unit 1": -0.22, "unit 2": 0.22, "h = +1": 0.0}
        for stretch in found:
            low, high = (float(end) if end is not None else None for end in (stretch.low, stretch.high))
            ends = [-edge if low is None else low, edge if high is None else high]
            ax.plot(ends, [row + heights[stretch.what]] * 2, **_stroke(stretch.what))
        wrong = 0
        for s in attainable_sums(dimension):
            right = target(A, B, s) == network(s)
            wrong += not right
            ax.plot(s, row, **marker(target(A, B, s)), markersize=5.5, zorder=4)
            if not right:
                ax.plot(s, row, marker="x", color=INK, markersize=10, zorder=5)
        text = f"wrong at {wrong} of {dimension + 1} sums" if wrong else "right at every sum"
        ax.annotate(
            text, (edge, row), xytext=(8, 0), textcoords="offset points", va="center_baseline",
            color=INK if wrong else MUTED, fontsize=SMALL_SIZE, annotation_clip=False,
        )  # fmt: skip
    for s in attainable_sums(dimension):
        ax.axvline(s, color=GRID, linewidth=0.6, zorder=0)
    ax.grid(visible=False)
    ax.set(xlim=(-edge, edge), ylim=(len(families) - 0.5, -0.6), xticks=list(attainable_sums(dimension)))
    names = ["\n".join(wrapped(family.title, 30, 2)) for family in families]
    ax.set_yticks(range(len(families)), names, fontsize=SMALL_SIZE)
    ax.set_xlabel("sum of the inputs")
    _half_space_key(ax)
    columns: dict[str, list[Any]] = {
        "construction": [stretch.name for stretch in stretches],
        "what": [stretch.what for stretch in stretches],
        "from": [stretch.low for stretch in stretches],
        "to": [stretch.high for stretch in stretches],
    }
    return Drawing(
        figure=fig,
        title="The half-spaces of the two hidden units",
        caption=f"D = {dimension}, A = {A}, B = {B}. Thin lines: the sums that unit 1 and unit 2 let pass (a "
        "sign unit gives +1, a ReLU unit gives 0). Bar: the sums at which h = +1. The attainable sums are "
        "marked, filled where f = +1, and crossed out where h differs from f.".replace("-", "−"),
        alt=_half_space_words(families).replace("-", "−"),
        data=columns,
        sources=SOURCES,
    )


def _stroke(what: str) -> dict[str, Any]:
    if what == "h = +1":
        return {"color": PALETTE[2], "linewidth": 7.0, "alpha": 0.3, "solid_capstyle": "butt", "zorder": 2}
    return {"color": PALETTE[3] if what == "unit 1" else PALETTE[4], "linewidth": 1.2, "zorder": 3}


def _half_space_key(ax: Axes) -> None:
    """The three strokes named in their own color, above the panel."""
    names = (("unit 1 lets pass", PALETTE[3]), ("unit 2 lets pass", PALETTE[4]), ("h = +1", PALETTE[2]))
    for position, (text, color) in zip((0.0, 0.34, 0.68), names, strict=True):
        ax.annotate(
            text,
            (position, 1),
            xycoords="axes fraction",
            xytext=(0, 8),
            textcoords="offset points",
            color=color,
        )


def _stretches(family: Family, dimension: int, A: int, B: int) -> list[_Stretch]:
    """The sums that each unit lets pass, and those with h = +1, as closed stretches."""
    network = family.at(dimension, A, B)
    found = []
    for index, (weight, bias) in enumerate(
        zip(network.hidden_weights, network.hidden_biases, strict=True), start=1
    ):
        if weight == 0:
            continue
        threshold = Fraction(-bias, weight)
        upwards = (weight > 0) == (network.activation == "sign")
        ends = (threshold, None) if upwards else (None, threshold)
        found.append(_Stretch(family.name, f"unit {index}", *ends))
    return found + [_Stretch(family.name, "h = +1", low, high) for low, high in _positive(network)]


def _positive(network: Network) -> list[tuple[Fraction | None, Fraction | None]]:
    """The maximal stretches of sums on which H = +1, ends included or not; a single sum is a stretch too."""
    found: list[tuple[Fraction | None, Fraction | None]] = []
    before = -1
    for low, high, value in response(network).pieces:
        if value == 1:
            found.append((found.pop()[0] if before == 1 else low, high))
        before = value
    return found


def _half_space_words(families: Sequence[Family]) -> str:
    """Where h = +1 for each construction, for readers who cannot see the figure."""
    parts = []
    for family in families:
        bars = [stretch for stretch in _stretches(family, *HALF_SPACES) if stretch.what == "h = +1"]
        words = " and ".join(f"from {bar.low} to {bar.high}" for bar in bars) or "nowhere"
        parts.append(f"“{family.title}” {words}")
    return (
        f"Sums at which h = +1, for A = {HALF_SPACES[1]} and B = {HALF_SPACES[2]}: " + "; ".join(parts) + "."
    )
