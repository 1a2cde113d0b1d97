"""The figures of question 3, drawn from the verdicts and the separability table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octrepro.boolean.enumeration import vertices
from octrepro.boolean.networks import Family, Network, attainable_sums, intervals, target
from octrepro.boolean.response import response
from octrepro.boolean.separability import Crossing, Perceptron, witness
from octrepro.boolean.verification import Verdict
from octrepro.core import paths
from octrepro.plotting import (
    GRID,
    INK,
    MUTED,
    PALETTE,
    SMALL_SIZE,
    FigureInfo,
    figure,
    heading,
    label_line_ends,
    save,
    write_index,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_all"]

INSIDE, OUTSIDE = PALETTE[0], PALETTE[1]
COMMAND = "dvc repro boolean"

# The source's example for one perceptron, and a small case in which both ends of [A, B] are attainable sums.
EXAMPLE = (2, -1, 1)
HALF_SPACES = (4, -2, 2)
MAP_DIMENSION = 8


def draw_all(folder: Path, verdicts: Sequence[Verdict]) -> None:
    """Draw every figure of question 3 and the list of them.

    Parameters
    ----------
    folder
        Where the files go.
    verdicts
        What was found about each construction.
    """
    entries = [counterexample(folder), separability_map(folder)]
    if verdicts:
        entries += [half_spaces(folder, [verdict.family for verdict in verdicts]), radii(folder, verdicts)]
    write_index(folder, entries)


def _info(id: str, title: str, caption: str, alt: str, number: int | None = None) -> FigureInfo:
    data = [str(paths.verification())]
    return FigureInfo(id, title, caption, alt, stage="boolean", command=COMMAND, data=data, number=number)


def counterexample(folder: Path) -> dict[str, Any]:
    """The four points of D = 2, A = -1, B = 1 and the point at which the hulls of the classes meet."""
    dimension, A, B = EXAMPLE
    points = vertices(dimension, 0, 2**dimension).tolist()
    values = [target(A, B, sum(x)) for x in points]
    crossing = witness(dimension, A, B)
    assert isinstance(crossing, Crossing)  # noqa: S101 (the theorem's first case)
    fig, ax = figure("half", 2.9, left=0.4, right=0.4, top=0.3, bottom=0.4)
    for side, colour in ((crossing.positive, INSIDE), (crossing.negative, OUTSIDE)):
        first, second = zip(*side, strict=True)
        ax.plot(first, second, color=colour, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
    for x, value in zip(points, values, strict=True):
        ax.plot(*x, **_marker(value), markersize=9, zorder=3)
        text = f"f = {value:+d}".replace("-", "−")
        ax.annotate(
            text,
            (x[0], x[1]),
            xytext=(0, -13 if x[1] < 0 else 9),
            textcoords="offset points",
            ha="center",
            va="center" if x[1] < 0 else "bottom",
            color=_colour(value),
        )
    ax.plot(0, 0, marker="x", color=INK, markersize=7, zorder=3)
    ax.annotate("in both hulls", (0, 0), xytext=(9, 0), textcoords="offset points", va="center_baseline")
    ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), xticks=[-1, 1], yticks=[-1, 1], aspect="equal")
    ax.set_xlabel("x1")
    heading(ax, "x2", indent=-20)
    info = _info(
        "boolean_counterexample",
        "Four points that no perceptron separates",
        "The function f for D = 2, A = −1, B = 1. The segment between the two points with f = +1 crosses "
        "the one between the two points with f = −1, so no line has the classes on different sides.",
        "Square with f = −1 at (−1, −1) and (+1, +1), and f = +1 at (−1, +1) and (+1, −1). The two "
        "diagonals cross at (0, 0).",
        number=14,
    )
    columns = {"x1": [x[0] for x in points], "x2": [x[1] for x in points], "sum": [sum(x) for x in points]}
    return save(fig, folder, info, {**columns, "f": values})


def separability_map(folder: Path, dimension: int = MAP_DIMENSION) -> dict[str, Any]:
    """For which A and B one perceptron computes f in D dimensions."""
    cells = list(intervals(dimension))
    answers = [isinstance(witness(dimension, A, B), Perceptron) for A, B in cells]
    fig, ax = figure("text", 4.1, left=0.5, right=2.1, top=0.35, bottom=0.45)
    styles: tuple[tuple[bool, dict[str, Any]], ...] = (
        (True, {"marker": "s", "color": INSIDE, "markersize": 9.5}),
        (False, {"marker": "x", "color": OUTSIDE, "markersize": 5.0}),
    )
    for answer, style in styles:
        chosen = [cell for cell, found in zip(cells, answers, strict=True) if found == answer]
        ax.plot(*zip(*chosen, strict=True), linestyle="none", **style)
    ticks = range(-dimension, dimension + 1, 2)
    limits = (-dimension - 0.8, dimension + 0.8)
    ax.set(xlim=limits, ylim=limits, xticks=ticks, yticks=ticks)
    ax.grid(visible=False)
    ax.set_xlabel("A")
    heading(ax, "B", indent=-22)
    possible = sum(answers)
    _side_note(ax, 0.98, f"■ one perceptron is enough: {possible}", INSIDE)
    _side_note(ax, 0.92, f"× none is: {len(cells) - possible}", OUTSIDE)
    for line, text in enumerate(
        ("Left edge: A = −D", "Upper edge: B = D", "Diagonal: A = B,", "no attainable sum")
    ):
        _side_note(ax, 0.82 - 0.06 * line, text, MUTED)
    info = _info(
        "boolean_separable",
        "Where one perceptron is enough",
        f"All A ≤ B for D = {dimension}. One perceptron computes f when A = −D, when B = D, and when A = "
        f"B is not an attainable sum, so that f is constant: {possible} of {len(cells)} cases. Each "
        "answer has a witness that was checked: integer weights, or two vertices of each class with the "
        "same midpoint.",
        f"Triangle of the pairs A ≤ B from −{dimension} to {dimension}. Separable are its left edge, its "
        f"upper edge and every second point of the diagonal, {possible} pairs; the other "
        f"{len(cells) - possible} are not.",
    )
    data = {"D": [dimension] * len(cells), "A": [A for A, _ in cells], "B": [B for _, B in cells]}
    return save(fig, folder, info, {**data, "separable": answers})


@dataclass(frozen=True)
class _Stretch:
    """Sums from low to high, None where it has no end."""

    name: str
    what: str
    low: Fraction | None
    high: Fraction | None


def half_spaces(folder: Path, families: Sequence[Family]) -> dict[str, Any]:
    """What each hidden unit lets pass and where h = +1, in terms of the sum, for every construction."""
    dimension, A, B = HALF_SPACES
    edge = dimension + 1.0
    fig, ax = figure("wide", 0.95 + 0.36 * len(families), left=1.75, right=1.35, top=0.5, bottom=0.45)
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
            ax.plot(s, row, **_marker(target(A, B, s)), markersize=5.5, zorder=4)
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
    ax.set_yticks(range(len(families)), [family.name for family in families], fontsize=SMALL_SIZE)
    ax.set_xlabel("sum of the inputs")
    _half_space_key(ax)
    info = _info(
        "boolean_half_spaces",
        "The half-spaces of the two hidden units",
        f"D = {dimension}, A = {A}, B = {B}. Thin lines: the sums that unit 1 and unit 2 let pass (a sign "
        "unit gives +1, a ReLU unit gives 0). Bar: the sums at which h = +1. The attainable sums are "
        "marked, filled where f = +1, and crossed out where h differs from f.".replace("-", "−"),
        _half_space_words(families).replace("-", "−"),
    )
    columns: dict[str, list[Any]] = {
        "construction": [stretch.name for stretch in stretches],
        "what": [stretch.what for stretch in stretches],
        "from": [stretch.low for stretch in stretches],
        "to": [stretch.high for stretch in stretches],
    }
    return save(fig, folder, info, columns)


def radii(folder: Path, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The guaranteed radius of every robust construction against D, with the bound that none can pass."""
    robust = [verdict for verdict in verdicts if verdict.robust]
    groups: dict[Fraction, list[Verdict]] = {}
    for verdict in robust:
        groups.setdefault(verdict.margin, []).append(verdict)
    largest = verdicts[0].max_dimension
    dimensions = list(range(1, largest + 1))
    fig, ax = figure("text", 2.7, left=0.5, right=1.3, top=0.35, bottom=0.45)
    ends = []
    for index, margin in enumerate(groups):
        colour = PALETTE[index % len(PALETTE)]
        values = [float(margin / d) for d in dimensions]
        ax.plot(dimensions, values, color=colour, marker="o", markersize=3.5)
        ends.append((values[-1], _formula(margin), colour))
    ax.plot(dimensions, [1 / d for d in dimensions], color=GRID, linewidth=7.0, zorder=1)
    ax.set(yscale="log", xlim=(0.7, largest + 0.3), xticks=dimensions)
    lowest = min([end for end, _, _ in ends], default=0.1)
    ticks = [power for power in range(6) if 10.0**-power > lowest / 2]
    ax.set_yticks([10.0**-power for power in ticks], [f"1/{10**power}" if power else "1" for power in ticks])
    ax.minorticks_off()
    ax.set_xlabel("D")
    heading(ax, "Guaranteed radius", "pale: the bound 1/D", indent=-22)
    label_line_ends(ax, ends)
    words = "; ".join(
        f"{_formula(margin)}: {', '.join(member.family.name for member in members)}"
        for margin, members in groups.items()
    )
    none = ", ".join(verdict.family.name for verdict in verdicts if not verdict.robust)
    info = _info(
        "boolean_radius",
        "How far the inputs may move",
        "The largest r such that h keeps the right value on the open ball of L-infinity radius r around "
        f"every vertex, for every A ≤ B. {words or 'No construction is robust'}. Without any such radius: "
        f"{none or 'none'}.",
        f"Falling curves for D from 1 to {largest} on a logarithmic axis: {words or 'none'}. The bound is "
        "1/D.",
    )
    columns: dict[str, list[Any]] = {
        "D": dimensions,
        **{v.family.name: [float(v.margin / d) for d in dimensions] for v in verdicts},
    }
    return save(fig, folder, info, columns)


def _marker(value: int) -> dict[str, Any]:
    """Filled circles for f = +1, hollow squares for f = -1, so that colour is not all that tells them "
    "apart."""
    if value == 1:
        return {"marker": "o", "color": INSIDE, "linestyle": "none"}
    return {"marker": "s", "color": OUTSIDE, "markerfacecolor": "none", "linestyle": "none"}


def _colour(value: int) -> str:
    return INSIDE if value == 1 else OUTSIDE


def _stroke(what: str) -> dict[str, Any]:
    if what == "h = +1":
        return {"color": PALETTE[2], "linewidth": 7.0, "alpha": 0.3, "solid_capstyle": "butt", "zorder": 2}
    return {"color": PALETTE[3] if what == "unit 1" else PALETTE[4], "linewidth": 1.2, "zorder": 3}


def _side_note(ax: Axes, height: float, text: str, colour: str) -> None:
    ax.annotate(
        text,
        (1, height),
        xycoords="axes fraction",
        xytext=(10, 0),
        textcoords="offset points",
        va="center_baseline",
        color=colour,
        annotation_clip=False,
    )


def _half_space_key(ax: Axes) -> None:
    """The three strokes named in their own colour, above the panel."""
    names = (("unit 1 lets pass", PALETTE[3]), ("unit 2 lets pass", PALETTE[4]), ("h = +1", PALETTE[2]))
    for position, (text, colour) in zip((0.0, 0.34, 0.68), names, strict=True):
        ax.annotate(
            text,
            (position, 1),
            xycoords="axes fraction",
            xytext=(0, 8),
            textcoords="offset points",
            color=colour,
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
        parts.append(f"{family.name} {words}")
    return (
        f"Sums at which h = +1, for A = {HALF_SPACES[1]} and B = {HALF_SPACES[2]}: " + "; ".join(parts) + "."
    )


def _formula(margin: Fraction) -> str:
    """The radius as a formula in D."""
    below = "D" if margin.denominator == 1 else f"({margin.denominator} D)"
    return f"{margin.numerator}/{below}"
