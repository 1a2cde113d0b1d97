"""The look of every figure: sizes, fonts, thin grids, words beside the panels.

Lengths are inches, sizes of type are points. A page shows 6.3 in as 680 px, so 8.5 pt reads as 12 px.
"""

from collections.abc import Sequence
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from octrepro.plotting.palette import GRID, INK, MUTED

Width = Literal["half", "text"]

WIDTHS: dict[Width, float] = {"half": 3.1, "text": 6.3}
FONT_SIZE = 8.5
SMALL_SIZE = 7.5
DOTTED = (0, (1, 2))
OFFSET = 6.0  # points from the panel to a label
LINE_HEIGHT = 1.25  # from one line of type to the next, as a multiple of its size
ENLARGED = 4  # pixels of a picture become blocks of so many by so many

_STYLE: Any = {
    "font.family": ["DejaVu Sans"],  # ships with Matplotlib, so every machine draws the same
    "font.size": FONT_SIZE,
    "text.color": INK,
    "text.parse_math": False,  # a class name may hold dollar signs
    "axes.labelcolor": INK,
    "axes.titlesize": FONT_SIZE,
    "axes.titlelocation": "left",
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.facecolor": "none",
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.xmargin": 0.0,
    "axes.formatter.useoffset": False,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.major.size": 3.0,
    "xtick.major.width": 0.6,
    "ytick.labelcolor": INK,
    "ytick.major.size": 0.0,
    "path.simplify": False,  # a page finds the data's points in the curve
    "lines.linewidth": 1.6,
    "lines.markeredgewidth": 1.2,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
}


def figure(width: Width, height: float, **margins: float) -> tuple[Figure, Axes]:
    """Make a figure with one panel; the margins are those of `panels`."""
    fig, (ax,) = panels(1, width, height, **margins)
    return fig, ax


def panels(
    columns: int,
    width: Width,
    height: float,
    *,
    left: float = 0.45,
    right: float = 0.15,
    top: float = 0.3,
    bottom: float = 0.45,
    column_gap: float = 0.4,
) -> tuple[Figure, list[Axes]]:
    """Make a figure with equal panels side by side.

    The margins and gaps are fixed in inches instead of found by a layout engine, so that panels of different
    figures line up and nothing has to be drawn twice.
    """
    matplotlib.rcdefaults()  # a person's own settings never count
    matplotlib.rcParams.update(_STYLE)
    total = WIDTHS[width]
    fig = Figure(figsize=(total, height))
    panel_width = (total - left - right - (columns - 1) * column_gap) / columns
    panel_height = height - top - bottom
    y = height - top - panel_height
    axes = []
    for column in range(columns):
        x = left + column * (panel_width + column_gap)
        axes.append(fig.add_axes((x / total, y / height, panel_width / total, panel_height / height)))
    return fig, axes


def heading(ax: Axes, text: str, detail: str = "", indent: float = 0.0) -> None:
    """Write what a panel's vertical axis measures above it, level, instead of turned beside it.

    `indent` moves the text right by so many points (negative: into the left margin).
    """
    style: Any = {"textcoords": "offset points", "va": "baseline"}
    title = ax.annotate(text, (0, 1), xycoords="axes fraction", xytext=(indent, 8), **style)
    ax.annotate(detail, (1, 1), xycoords=(title, "axes fraction"), xytext=(6, 8), color=MUTED, **style)


def small_text(
    ax: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], **style: Any
) -> None:
    """Write `text` in small type, `offset` points from a place, also outside the panel.

    `at` is a fraction of the way across the panel and a value on its vertical axis.
    """
    style = {"va": "center_baseline", "fontsize": SMALL_SIZE, "annotation_clip": False, **style}
    where: Any = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    ax.annotate(text, at, offset, **where, **style)


def separate(positions: NDArray[np.float64], gap: float, low: float, high: float) -> NDArray[np.float64]:
    """Move `positions` as little as possible (in the least-squares sense) so that they are `gap` apart.

    Positions keep their order. With ``z_i = y_i - i * gap`` for the sorted positions ``y``, the constraint
    says that ``z`` does not fall, so the answer is the isotonic regression of ``z``. Bounds come second: what
    leaves ``[low, high]`` is moved back where it fits.
    """
    order = np.argsort(positions, kind="stable")
    steps = gap * np.arange(len(order))
    levels = isotonic_regression(positions[order] - steps).x
    moved = np.empty(len(order))
    moved[order] = np.maximum(np.minimum(levels, high - gap * (len(order) - 1)), low) + steps
    return moved


def label_line_ends(ax: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Write each line's label to the right of the panel, level with the line's end.

    `ends` are the value of each line at its end, its label, of one line or more, and its color. Call it last:
    the limits of the vertical axis must be final.
    """
    if not ends:
        return
    height = ax.get_position().height * ax.get_figure(root=True).get_figheight() * 72  # type: ignore[union-attr]
    values = np.clip([value for value, _, _ in ends], *ax.get_ylim())
    bottom, top, *levels = ax.yaxis.get_transform().transform([*ax.get_ylim(), *values])
    places = (np.array(levels) - bottom) / (top - bottom) * height
    gap = LINE_HEIGHT * FONT_SIZE * max(label.count("\n") + 1 for _, label, _ in ends)
    moved = separate(places, gap, 0.5 * gap, height - 0.5 * gap)
    far = abs(moved - places) > 0.75 * gap
    # A hairline leads from a line's end to a label that had to move away from it.
    hairline = {"arrowstyle": "-", "linewidth": 0.5, "shrinkA": 1.0, "shrinkB": 1.0, "relpos": (0, 0.5)}
    for value, old, new, led, (_, label, color) in zip(values, places, moved, far, ends, strict=True):
        small_text(
            ax,
            label,
            (1, value),
            (OFFSET + (5 if far.any() else 0), new - old),
            color=color,
            fontsize=FONT_SIZE,
            va="center_baseline" if "\n" not in label else "center",
            linespacing=1.15,
            arrowprops={**hairline, "color": color} if led else None,
        )


def draw_picture(ax: Axes, pixels: NDArray[np.uint8]) -> None:
    """Fill the panel with RGBA pixels, shape (height, width, 4), which are then its coordinates.

    Programs smooth small pictures when they scale them up; blocks keep their edges. A page is told not to
    smooth, so that its SVG has single pixels again.
    """
    height, width, _ = pixels.shape
    blocks = pixels.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
    ax.set_axis_off()
    ax.imshow(blocks, interpolation="none", extent=(0, width, height, 0), aspect="auto")
