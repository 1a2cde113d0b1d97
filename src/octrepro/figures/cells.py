"""Marks that several figures share: a grid of shaded cells with numbers, and a value with its interval."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from octrepro.plotting.palette import GRID, INK, MUTED, PALETTE
from octrepro.plotting.style import SMALL_SIZE


class GridCell(NamedTuple):
    """One cell: its text, and how deep its shade is, from 0 to 1."""

    text: str
    shade: float
    bold: bool
    muted: bool


def shaded_grid(
    ax: Axes,
    cells: Sequence[Sequence[GridCell]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    size: float = SMALL_SIZE,
) -> None:
    """Draw rows of cells from above; cell (row, column) is centered on those coordinates."""
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            # The series color let through in part suits a dark page as well as a light one.
            box = Rectangle((column - 0.5, row - 0.5), 1, 1, edgecolor="none", facecolor=PALETTE[0])
            box.set_alpha(0.6 * cell.shade)
            ax.add_patch(box)
            color, weight = MUTED if cell.muted else INK, "bold" if cell.bold else "normal"
            style: Any = {"ha": "center", "va": "center_baseline", "fontsize": size}
            ax.text(column, row, cell.text, color=color, fontweight=weight, **style)
    height, width = len(cells), len(cells[0])
    ax.set_xlim(-0.5, width - 0.5)
    ax.set_ylim(height - 0.5, -0.5)
    ax.grid(visible=False)
    for edge in np.arange(-0.5, height):
        ax.axhline(edge, color=GRID, linewidth=0.6)
    for edge in np.arange(-0.5, width):
        ax.axvline(edge, color=GRID, linewidth=0.6)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(length=0)
    ax.set_xticks(range(width), column_labels, fontsize=SMALL_SIZE)
    ax.set_yticks(range(height), row_labels, fontsize=SMALL_SIZE)


def interval(ax: Axes, row: float, share: Mapping[str, Any]) -> None:
    """Draw an accuracy with its interval, level at `row`."""
    ends = (share["low"], share["high"])
    ax.plot(ends, (row, row), color=PALETTE[0], linewidth=1.4, solid_capstyle="butt", zorder=3)
    ax.plot(share["accuracy"], row, "o", color=PALETTE[0], markersize=4.6, zorder=4)
