"""The look of every figure: sizes, fonts, thin grids, integer epochs.

Lengths are inches, sizes of type are points. A page shows 6.3 in as 680 px, so 8.5 pt reads as 12 px.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from octrepro.plotting.palette import GRID, INK, MUTED, PALETTE
from octrepro.plotting.text import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Width = Literal["half", "text"]

WIDTHS: dict[Width, float] = {"half": 3.1, "text": 6.3}
FONT_SIZE = 8.5
SMALL_SIZE = 7.5

_STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],  # ships with Matplotlib, so every machine draws the same
    "font.size": FONT_SIZE,
    "text.color": INK,
    "text.parse_math": False,  # a class name may hold dollar signs
    "axes.labelcolor": INK,
    "axes.labelsize": FONT_SIZE,
    "axes.titlesize": FONT_SIZE,
    "axes.titlelocation": "left",
    "axes.titlepad": 6.0,
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
    "axes.unicode_minus": True,
    "axes.formatter.use_locale": False,
    "axes.formatter.use_mathtext": False,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": FONT_SIZE,
    "ytick.labelsize": FONT_SIZE,
    "xtick.major.size": 3.0,
    "xtick.major.width": 0.6,
    "ytick.major.size": 0.0,
    "path.simplify": False,  # a page finds the data's points in the curve
    "lines.linewidth": 1.6,
    "lines.markeredgewidth": 1.2,
    "lines.solid_joinstyle": "round",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "savefig.dpi": 72,
    "figure.dpi": 72,
    "svg.fonttype": "none",
    "svg.hashsalt": "octrepro",
    "pdf.fonttype": 42,
    "pdf.compression": 6,
}


def apply_style() -> None:
    """Set Matplotlib's parameters for this process: its defaults, then ours; a user's own never count."""
    import matplotlib
    from cycler import cycler

    matplotlib.rcdefaults()
    parameters: Any = _STYLE | {"axes.prop_cycle": cycler(color=PALETTE)}
    matplotlib.rcParams.update(parameters)


def figure(
    width: Width = "text",
    height: float = 2.5,
    *,
    left: float = 0.45,
    right: float = 1.15,
    top: float = 0.3,
    bottom: float = 0.45,
) -> tuple[Figure, Axes]:
    """Make a figure with one panel.

    Parameters
    ----------
    width : {"half", "text"}
        Half the text's width, or its width.
    height : float
        Inches.
    left, right, top, bottom : float
        Margins around the panel in inches; the default right margin leaves room for labels at line ends.
    """
    fig, axes = panels(1, 1, width, height, left=left, right=right, top=top, bottom=bottom)
    return fig, axes[0]


def panels(
    rows: int,
    columns: int,
    width: Width = "text",
    height: float = 2.5,
    *,
    left: float = 0.45,
    right: float = 0.15,
    top: float = 0.3,
    bottom: float = 0.45,
    column_gap: float = 0.4,
    row_gap: float = 0.5,
) -> tuple[Figure, list[Axes]]:
    """Make a figure with `rows` x `columns` equal panels, listed row by row.

    The margins and gaps are fixed in inches instead of found by a layout engine, so that panels of different
    figures line up and nothing has to be drawn twice.
    """
    apply_style()
    from matplotlib.figure import Figure

    total = WIDTHS[width]
    fig = Figure(figsize=(total, height))
    panel_width = (total - left - right - (columns - 1) * column_gap) / columns
    panel_height = (height - top - bottom - (rows - 1) * row_gap) / rows
    axes = []
    for row in range(rows):
        for column in range(columns):
            x = left + column * (panel_width + column_gap)
            y = height - top - panel_height - row * (panel_height + row_gap)
            box = (x / total, y / height, panel_width / total, panel_height / height)
            axes.append(fig.add_axes(box))
    return fig, axes


def heading(ax: Axes, text: str, detail: str = "", indent: float = 0.0) -> None:
    """Write what a panel's vertical axis measures above it, level, instead of turned beside it.

    `indent` moves the text right by so many points (negative: into the left margin).
    """
    ax.annotate(
        text,
        (0, 1),
        xycoords="axes fraction",
        xytext=(indent, 8),
        textcoords="offset points",
        color=INK,
        va="baseline",
    )
    if detail:
        ax.annotate(
            detail,
            (0, 1),
            xycoords="axes fraction",
            xytext=(indent + text_width(text, FONT_SIZE) + 6, 8),
            textcoords="offset points",
            color=MUTED,
            va="baseline",
        )


def small_text(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    offset: tuple[float, float],
    anchor: Literal["panel", "row"] = "panel",
    **style: Any,
) -> None:
    """Write `text` in small type, `offset` points from a place, also outside the panel.

    `at` is in fractions of the panel, or for a row its fraction across and its value on the vertical axis.
    """
    style = {"va": "center_baseline", "fontsize": SMALL_SIZE, "annotation_clip": False, **style}
    coordinates: Any = ("axes fraction", "data") if anchor == "row" else "axes fraction"
    settings: Any = {"xycoords": coordinates, "xytext": offset, "textcoords": "offset points", **style}
    ax.annotate(text, at, **settings)
