"""The figures of question 3, drawn from the verdicts and the separability table."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from octrepro.boolean.enumeration import vertices
from octrepro.boolean.half_space_figure import INSIDE, OUTSIDE, SOURCES, half_spaces, marker
from octrepro.boolean.networks import intervals, target
from octrepro.boolean.separability import Crossing, Perceptron, witness
from octrepro.boolean.verification import Verdict
from octrepro.core.files import write_json
from octrepro.plotting.labels import label_line_ends
from octrepro.plotting.palette import GRID, INK, PALETTE
from octrepro.plotting.saving import Drawing, save
from octrepro.plotting.style import figure, heading

__all__ = ["draw_all"]

# The source's example for one perceptron.
EXAMPLE = (2, -1, 1)
MAP_DIMENSION = 8
NUMBERS = {"boolean_counterexample": 14}  # in the source report


def draw_all(folder: Path, verdicts: Sequence[Verdict]) -> None:
    """Draw every figure of question 3 and the list of them.

    Parameters
    ----------
    folder
        Where the files go.
    verdicts
        What was found about each construction.
    """
    drawings = {"boolean_counterexample": counterexample(), "boolean_separable": separability_map()}
    if verdicts:
        drawings["boolean_half_spaces"] = half_spaces([verdict.family for verdict in verdicts])
        drawings["boolean_radius"] = radii(verdicts)
    entries = [
        save(drawing, folder, id, stage="boolean", number=NUMBERS.get(id)) for id, drawing in drawings.items()
    ]
    write_json(folder / "figures.json", entries)


def counterexample() -> Drawing:
    """The four points of D = 2, A = -1, B = 1 and the point at which the hulls of the classes meet."""
    dimension, A, B = EXAMPLE
    points = vertices(dimension, 0, 2**dimension).tolist()
    values = [target(A, B, sum(x)) for x in points]
    crossing = witness(dimension, A, B)
    assert isinstance(crossing, Crossing)  # noqa: S101 (the theorem's first case)
    fig, ax = figure("half", 2.8, left=0.4, right=0.45, top=0.3, bottom=0.4)
    for side, color in ((crossing.positive, INSIDE), (crossing.negative, OUTSIDE)):
        first, second = zip(*side, strict=True)
        ax.plot(first, second, color=color, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
    for x, value in zip(points, values, strict=True):
        ax.plot(*x, **marker(value), markersize=9, zorder=3)
        text = f"f = {value:+d}".replace("-", "−")
        ax.annotate(
            text,
            (x[0], x[1]),
            xytext=(0, -13 if x[1] < 0 else 9),
            textcoords="offset points",
            ha="center",
            va="center" if x[1] < 0 else "bottom",
            color=_color(value),
        )
    ax.plot(0, 0, marker="x", color=INK, markersize=7, zorder=3)
    ax.annotate("in both hulls", (0, 0), xytext=(9, 0), textcoords="offset points", va="center_baseline")
    ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), xticks=[-1, 1], yticks=[-1, 1], aspect="equal")
    ax.set_xlabel("x1")
    heading(ax, "x2", indent=-20)
    columns = {"x1": [x[0] for x in points], "x2": [x[1] for x in points], "sum": [sum(x) for x in points]}
    return Drawing(
        figure=fig,
        title="Four points that no perceptron separates",
        caption="The function f for D = 2, A = −1, B = 1. The segment between the two points with f = +1 "
        "crosses the one between the two points with f = −1, so no line has the classes on different sides.",
        alt="Square with f = −1 at (−1, −1) and (+1, +1), and f = +1 at (−1, +1) and (+1, −1). The two "
        "diagonals cross at (0, 0).",
        data={**columns, "f": values},
        sources=SOURCES,
    )


def separability_map(dimension: int = MAP_DIMENSION) -> Drawing:
    """For which A and B one perceptron computes f in D dimensions."""
    cells = list(intervals(dimension))
    answers = [isinstance(witness(dimension, A, B), Perceptron) for A, B in cells]
    fig, ax = figure("half", 2.8, left=0.4, right=0.45, top=0.3, bottom=0.4)
    styles: tuple[tuple[bool, dict[str, Any]], ...] = (
        (True, {"marker": "s", "color": INSIDE, "markersize": 5.5, "markeredgewidth": 0}),
        (False, {"marker": "x", "color": OUTSIDE, "markersize": 3.5, "markeredgewidth": 0.9}),
    )
    for answer, style in styles:
        chosen = [cell for cell, found in zip(cells, answers, strict=True) if found == answer]
        ax.plot(*zip(*chosen, strict=True), linestyle="none", **style)
    ticks = range(-dimension, dimension + 1, 4)
    limits = (-dimension - 0.8, dimension + 0.8)
    ax.set(xlim=limits, ylim=limits, xticks=ticks, yticks=ticks, aspect="equal")
    ax.grid(visible=False)
    ax.set_xlabel("A")
    heading(ax, "B", indent=-22)
    possible = sum(answers)
    for height, text, color in (
        (0.32, f"■ one is enough: {possible}", INSIDE),
        (0.24, f"× none is: {len(cells) - possible}", OUTSIDE),
    ):
        style = {"xycoords": "axes fraction", "va": "center_baseline", "ha": "left", "color": color}
        ax.annotate(text, (0.52, height), **style)
    data = {"D": [dimension] * len(cells), "A": [A for A, _ in cells], "B": [B for _, B in cells]}
    return Drawing(
        figure=fig,
        title="Where one perceptron is enough",
        caption=f"All A ≤ B for D = {dimension}. One perceptron computes f when A = −D (left edge), when "
        "B = D (upper edge), and when A = B is not an attainable sum (diagonal), so that f is constant: "
        f"{possible} of {len(cells)} cases. Each answer has a witness that was checked: integer weights, or "
        "two vertices of each class with the same midpoint.",
        alt=f"Triangle of the pairs A ≤ B from −{dimension} to {dimension}. Separable are its left edge, its "
        f"upper edge and every second point of the diagonal, {possible} pairs; the other "
        f"{len(cells) - possible} are not.",
        data={**data, "separable": answers},
        sources=SOURCES,
    )


def radii(verdicts: Sequence[Verdict]) -> Drawing:
    """The guaranteed radius of every robust construction against D, with the bound that none can pass."""
    robust = [verdict for verdict in verdicts if verdict.robust]
    groups: dict[Fraction, list[Verdict]] = {}
    for verdict in robust:
        groups.setdefault(verdict.margin, []).append(verdict)
    largest = verdicts[0].max_dimension
    dimensions = list(range(1, largest + 1))
    fig, ax = figure("half", 2.3, left=0.45, right=0.7, top=0.3, bottom=0.42)
    ends = []
    for index, margin in enumerate(groups):
        color = PALETTE[index % len(PALETTE)]
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
    words = "; ".join(
        f"{_formula(margin)} for {' and '.join(f'“{member.family.title}”' for member in members)}"
        for margin, members in groups.items()
    )
    columns: dict[str, list[Any]] = {
        "D": dimensions,
        **{v.family.name: [float(v.margin / d) for d in dimensions] for v in verdicts},
    }
    return Drawing(
        figure=fig,
        title="How far the inputs may move",
        caption="The largest r such that h keeps the right value on the open ball of L-infinity radius r "
        f"around every vertex, for every A ≤ B: {words or 'none, as no network is robust'}.",
        alt=f"Falling curves for D from 1 to {largest} on a logarithmic axis: {words or 'none'}. The bound "
        "is 1/D.",
        data=columns,
        sources=SOURCES,
    )


def _color(value: int) -> str:
    return INSIDE if value == 1 else OUTSIDE


def _formula(margin: Fraction) -> str:
    """The radius as a formula in D."""
    below = "D" if margin.denominator == 1 else f"({margin.denominator} D)"
    return f"{margin.numerator}/{below}"
