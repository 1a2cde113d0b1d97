"""The figures of question 3, drawn from the verdicts."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import cycle, groupby
from math import inf, isinf
from pathlib import Path
from typing import Any

import numpy as np

from octrepro.boolean.enumeration import vertices
from octrepro.boolean.networks import Family, Network, attainable_sums, target
from octrepro.boolean.response import pieces
from octrepro.boolean.verification import Verdict
from octrepro.core import paths
from octrepro.core.files import write_json
from octrepro.plotting.palette import GRID, INK, MUTED, PALETTE
from octrepro.plotting.saving import Drawing, save
from octrepro.plotting.style import figure, heading, label_line_ends, small_text
from octrepro.plotting.text import wrapped

SOURCES = [str(paths.verification)]
# Filled circles for f = +1, hollow squares for f = -1: more than color tells them apart.
MARKERS: dict[int, dict[str, Any]] = {
    1: {"marker": "o", "color": PALETTE[0], "linestyle": "none"},
    -1: {"marker": "s", "color": PALETTE[1], "markerfacecolor": "none", "linestyle": "none"},
}

# D, A, B for the half-spaces: a small case in which both ends of [A, B] are attainable sums.
HALF_SPACES = (4, -2, 2)
# What is drawn of a network: its height within the row, and its stroke.
STROKES: dict[str, tuple[float, dict[str, Any]]] = {
    "unit 1": (-0.22, {"color": PALETTE[3], "linewidth": 1.2, "zorder": 3}),
    "unit 2": (0.22, {"color": PALETTE[4], "linewidth": 1.2, "zorder": 3}),
    "h = +1": (
        0.0,
        {"color": PALETTE[2], "linewidth": 7.0, "alpha": 0.3, "solid_capstyle": "butt", "zorder": 2},
    ),
}


def draw_all(folder: Path, verdicts: Sequence[Verdict]) -> None:
    """Draw every figure of question 3 and the list of them."""
    # The number is the source report's.
    entries = [save(counterexample(), folder, "boolean_counterexample", stage="boolean", number=14)]
    if verdicts:
        families = [verdict.family for verdict in verdicts]
        entries.append(save(half_spaces(families), folder, "boolean_half_spaces", stage="boolean"))
        entries.append(save(radii(verdicts), folder, "boolean_radius", stage="boolean"))
    write_json(folder / "figures.json", entries)


def counterexample() -> Drawing:
    """The four points of D = 2, A = -1, B = 1 and the point at which the hulls of the classes meet."""
    points = vertices(2)
    sums = points.sum(axis=1)
    values = np.array([target(-1, 1, s) for s in sums])
    fig, ax = figure("half", 2.8, left=0.4, right=0.45, top=0.3, bottom=0.4)
    for value in (1, -1):
        color = PALETTE[0] if value == 1 else PALETTE[1]
        of_class = points[values == value]
        ax.plot(*of_class.T, color=color, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
        ax.plot(*of_class.T, **MARKERS[value], markersize=9, zorder=3)
        for first, second in of_class:
            text = f"f = {value:+d}".replace("-", "−")
            offset, va = (-13, "center") if second < 0 else (9, "bottom")
            place: Any = {"textcoords": "offset points", "ha": "center", "va": va}
            ax.annotate(text, (first, second), (0, offset), color=color, **place)
    ax.plot(0, 0, marker="x", color=INK, markersize=7, zorder=3)
    ax.annotate("in both hulls", (0, 0), xytext=(9, 0), textcoords="offset points", va="center_baseline")
    ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), xticks=[-1, 1], yticks=[-1, 1], aspect="equal")
    ax.set_xlabel("x1")
    heading(ax, "x2", indent=-20)
    return Drawing(
        figure=fig,
        title="Four points that no perceptron separates",
        caption="The function f for D = 2, A = −1, B = 1. The segment between the two points with f = +1 "
        "crosses the one between the two points with f = −1, so no line has the classes on different sides.",
        alt="Square with f = −1 at (−1, −1) and (+1, +1), and f = +1 at (−1, +1) and (+1, −1). The two "
        "diagonals cross at (0, 0).",
        data={"x1": points[:, 0], "x2": points[:, 1], "sum": sums, "f": values},
        sources=SOURCES,
    )


def half_spaces(families: Sequence[Family]) -> Drawing:
    """What each hidden unit lets pass and where h = +1, in terms of the sum, for every construction."""
    dimension, A, B = HALF_SPACES
    edge = dimension + 1.0
    sums = attainable_sums(dimension)
    fig, ax = figure("text", 0.85 + 0.29 * len(families), left=1.95, right=1.3, top=0.4, bottom=0.45)
    rows: list[tuple[Any, ...]] = []
    words = []
    for row, family in enumerate(families):
        network = family.at(dimension, A, B)
        stretches = list(_stretches(network))
        for what, low, high in stretches:
            height, stroke = STROKES[what]
            ax.plot(np.clip([float(low), float(high)], -edge, edge), [row + height] * 2, **stroke)
            rows.append((family.name, what, *(None if isinf(end) else end for end in (low, high))))
        bars = [f"from {low} to {high}" for what, low, high in stretches if what == "h = +1"]
        words.append(f"“{family.title}” {' and '.join(bars) or 'nowhere'}")
        wrong = [s for s in sums if network(s) != target(A, B, s)]
        for s in sums:
            ax.plot(s, row, **MARKERS[target(A, B, s)], markersize=5.5, zorder=4)
            if s in wrong:
                ax.plot(s, row, marker="x", color=INK, markersize=10, zorder=5)
        verdict = f"wrong at {len(wrong)} of {len(sums)} sums" if wrong else "right at every sum"
        small_text(ax, verdict, (1, row), (8, 0), color=INK if wrong else MUTED)
        # No tick label: Matplotlib would set its text again, in a script that the PDF's font may lack.
        small_text(ax, "\n".join(wrapped(family.title, 30, 2)), (0, row), (-3.5, 0), ha="right")
    ax.grid(axis="x", zorder=0)
    ax.set(xlim=(-edge, edge), ylim=(len(families) - 0.5, -0.6), xticks=list(sums))
    ax.set_yticks([])
    ax.set_xlabel("sum of the inputs")
    for position, (what, (_, stroke)) in zip((0.0, 0.34, 0.68), STROKES.items(), strict=True):
        # The strokes named in their own color, above the panel.
        text = what if what == "h = +1" else f"{what} lets pass"
        place: dict[str, Any] = {"xycoords": "axes fraction", "xytext": (0, 8), "textcoords": "offset points"}
        ax.annotate(text, (position, 1), color=stroke["color"], **place)
    return Drawing(
        figure=fig,
        title="The half-spaces of the two hidden units",
        caption=f"D = {dimension}, A = {A}, B = {B}. Thin lines: the sums that unit 1 and unit 2 let pass (a "
        "sign unit gives +1, a ReLU unit gives 0). Bar: the sums at which h = +1. The attainable sums are "
        "marked, filled where f = +1, and crossed out where h differs from f.".replace("-", "−"),
        alt=f"Sums at which h = +1, for A = {A} and B = {B}: {'; '.join(words)}.".replace("-", "−"),
        data=dict(zip(("construction", "what", "from", "to"), zip(*rows, strict=True), strict=False)),
        sources=SOURCES,
    )


def _stretches(network: Network[int]) -> Iterator[tuple[str, Fraction | float, Fraction | float]]:
    """The sums that each unit lets pass, and the maximal stretches with h = +1: what, from, to."""
    for what, weight, bias in (("unit 1", network.w1, network.b1), ("unit 2", network.w2, network.b2)):
        if weight:
            threshold = Fraction(-bias, weight)
            upwards = (weight > 0) == (network.activation == "sign")
            yield (what, threshold, inf) if upwards else (what, -inf, threshold)
    for value, run in groupby(pieces(network), key=lambda piece: piece.value):
        if value == 1:
            stretch = list(run)
            yield "h = +1", stretch[0].low, stretch[-1].high


def radii(verdicts: Sequence[Verdict]) -> Drawing:
    """The guaranteed radius of every robust construction against D, with the bound that none can pass."""
    titles: dict[Fraction, list[str]] = {}
    for verdict in verdicts:
        if verdict.robust:
            titles.setdefault(verdict.margin, []).append(f"“{verdict.family.title}”")
    largest = verdicts[0].max_dimension
    dimensions = range(1, largest + 1)
    fig, ax = figure("half", 2.3, left=0.45, right=0.7, top=0.3, bottom=0.42)
    ends = []
    for color, margin in zip(cycle(PALETTE), titles):
        values = [float(margin / d) for d in dimensions]
        ax.plot(dimensions, values, color=color, marker="o", markersize=3.5)
        ends.append((values[-1], _formula(margin), color))
    ax.plot(dimensions, [1 / d for d in dimensions], color=GRID, linewidth=7.0, zorder=1)
    ax.set(yscale="log", xlim=(0.7, largest + 0.3), xticks=dimensions[:: 1 + largest // 9])
    lowest = min([end for end, _, _ in ends], default=0.1)
    ticks = [power for power in range(6) if 10.0**-power > lowest / 2]
    ax.set_yticks([10.0**-power for power in ticks], [f"1/{10**power}" if power else "1" for power in ticks])
    ax.minorticks_off()
    ax.set_xlabel("D")
    heading(ax, "Guaranteed radius", "pale: the bound 1/D", indent=-22)
    label_line_ends(ax, ends)
    words = "; ".join(f"{_formula(margin)} for {' and '.join(named)}" for margin, named in titles.items())
    return Drawing(
        figure=fig,
        title="How far the inputs may move",
        caption="The largest r such that h keeps the right value on the open ball of L-infinity radius r "
        f"around every vertex, for every A ≤ B: {words or 'none, as no network is robust'}.",
        alt=f"Falling curves for D from 1 to {largest} on a logarithmic axis: {words or 'none'}. The bound "
        "is 1/D.",
        data={
            "D": dimensions,
            **{v.family.name: [float(v.margin / d) for d in dimensions] for v in verdicts},
        },
        sources=SOURCES,
    )


def _formula(margin: Fraction) -> str:
    """The radius as a formula in D."""
    below = "D" if margin.denominator == 1 else f"({margin.denominator} D)"
    return f"{margin.numerator}/{below}"
