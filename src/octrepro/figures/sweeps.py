"""A figure for each sweep: a heat map of a grid of two parameters, a dot plot of any other."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from octrepro.core import paths
from octrepro.figures.captions import number
from octrepro.figures.cells import GridCell, interval, shaded_grid
from octrepro.figures.context import Context
from octrepro.plotting.palette import MUTED, PALETTE
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import SMALL_SIZE, figure, heading, small_text
from octrepro.plotting.text import plain
from octrepro.study.names import setting

Sweep = Mapping[str, Any]

# More would not fit on a page; the table has them all.
MOST_SHOWN = 40
MOST_COLUMNS = 9


def sweep_figures(sweeps: Sequence[Sweep]) -> dict[str, Callable[[Context], Drawing]]:
    """A figure for each sweep of a data set."""
    return {f"sweep_{sweep['sweep']}": partial(_draw, sweep) for sweep in sweeps}


def _draw(sweep: Sweep, context: Context) -> Drawing:
    settings, selected = sweep["settings"], sweep["selected"]
    varied = [list(dict.fromkeys(s["parameters"][name] for s in settings)) for name in sweep["parameters"]]
    is_plane = sweep["grid"] and len(varied) == 2 and len(varied[1]) <= MOST_COLUMNS
    fig, kind = _heat_map(sweep, *varied) if is_plane else _dot_plot(sweep)
    chosen = "Every setting diverged."
    if selected is not None:
        best = settings[selected]
        chosen = f"Selected by validation accuracy: {_label(best)}, {number(best['val_accuracy'])}."
    listed = "; ".join(f"{_label(each)}: {_value(each)}" for each in settings[:MOST_SHOWN])
    return Drawing(
        figure=fig,
        title=f"Sweep {sweep['sweep']} of {sweep['base']}: validation accuracy of each setting",
        caption=f"{kind} {chosen} Seed {sweep['seed']}; no test image enters the choice.",
        alt=f"{kind} {chosen} {listed}.",
        data={
            **{name: [each["parameters"][name] for each in settings] for name in sweep["parameters"]},
            "val_accuracy": [each["val_accuracy"] for each in settings],
            "diverged": [each["diverged"] for each in settings],
            "selected": [position == selected for position in range(len(settings))],
        },
        sources=[paths.sweep_table(sweep["dataset"], sweep["sweep"]).as_posix()],
    )


def _label(each: Mapping[str, Any]) -> str:
    return ", ".join(setting(name, value) for name, value in each["parameters"].items())


def _value(each: Mapping[str, Any]) -> str:
    return "diverged" if each["diverged"] else number(each["val_accuracy"])


def _heat_map(sweep: Sweep, rows: list[Any], columns: list[Any]) -> tuple[Figure, str]:
    down, across = sweep["parameters"]
    selected = sweep["selected"]
    fig, ax = figure("text", 0.8 + 0.32 * len(rows), left=1.3, right=0.15, top=0.34, bottom=0.3)
    heading(ax, "Validation accuracy", "fraction correct")
    finite = [each["val_accuracy"] for each in sweep["settings"] if not each["diverged"]]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    cells = []
    for position, each in enumerate(sweep["settings"]):
        shade = 0.08 + 0.92 * (each["val_accuracy"] - low) / ((high - low) or 1)
        diverged = each["diverged"]
        cells.append(GridCell(_value(each), 0.0 if diverged else shade, position == selected, diverged))
    width = len(columns)
    lines = [cells[start : start + width] for start in range(0, len(cells), width)]
    row_labels = [plain(setting(down, each), 20) for each in rows]
    shaded_grid(ax, lines, row_labels, [plain(setting(across, each), 16) for each in columns])
    if selected is not None:
        row, column = divmod(selected, width)
        corner = (column - 0.46, row - 0.42)
        ax.add_patch(Rectangle(corner, 0.92, 0.84, fill=False, edgecolor=PALETTE[1], linewidth=1.6))
    return fig, "Heat map: the deeper the shade, the higher the accuracy; framed, the selected setting."


def _dot_plot(sweep: Sweep) -> tuple[Figure, str]:
    settings = list(enumerate(sweep["settings"]))
    best = sorted(settings, key=lambda item: (item[1]["diverged"], -item[1]["val_accuracy"]))[:MOST_SHOWN]
    shown = sorted(best, key=lambda item: item[0])
    fig, ax = figure("text", 0.8 + 0.19 * len(shown), left=2.35, right=0.6, top=0.34, bottom=0.42)
    heading(ax, "Validation accuracy", "fraction correct")
    for row, (position, each) in enumerate(shown):
        if each["diverged"]:
            place = ("axes fraction", "data")
            ax.annotate("diverged", (0.02, row), xycoords=place, color=MUTED, va="center_baseline")
            continue
        interval(ax, row, each["val"])
        chosen = position == sweep["selected"]
        if chosen:
            ring: Any = {"markersize": 9, "fillstyle": "none", "color": PALETTE[1]}
            ax.plot(each["val_accuracy"], row, "o", zorder=5, **ring)
        weight = "bold" if chosen else "normal"
        small_text(ax, number(each["val_accuracy"]), (1, row), (6, 0), "row", fontweight=weight)
    finite = [each["val"] for _, each in shown if not each["diverged"]]
    low, high = min((v["low"] for v in finite), default=0.0), max((v["high"] for v in finite), default=1.0)
    margin = 0.05 * (high - low) or 0.02
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(len(shown) - 0.3, -0.7)
    ax.set_yticks(range(len(shown)), [plain(_label(each), 40) for _, each in shown], fontsize=SMALL_SIZE)
    ax.set_xlabel("Validation accuracy (fraction correct)", labelpad=3)
    some = "" if len(shown) == len(settings) else f" the best {len(shown)} of {len(settings)} settings;"
    return fig, f"Dot plot:{some} bars are 95 % Wilson intervals; ringed, the selected setting."
