"""A figure for each sweep: a heat map of a grid of two parameters, a dot plot of any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from octrepro.core import paths
from octrepro.figures.context import Context, Drawing
from octrepro.figures.registry import FigureSpec
from octrepro.figures.wording import number
from octrepro.plotting import GRID, INK, MUTED, PALETTE, SMALL_SIZE, figure, heading, plain
from octrepro.study import names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Sweep = Mapping[str, Any]

# More would not fit on a page; the table has them all.
MOST_SHOWN = 40
MOST_COLUMNS = 9
_LABELS_LEFT = 2.35  # inches for the names of settings


def sweep_figures(sweeps: Mapping[str, Sweep]) -> list[FigureSpec]:
    """A figure for each sweep of a data set, by the sweep's name."""
    return [FigureSpec(f"sweep_{name}", None, _drawer(sweep)) for name, sweep in sweeps.items()]


def _drawer(sweep: Sweep) -> Any:
    def drawing(context: Context) -> Drawing:
        return _draw(sweep)

    return drawing


def _draw(sweep: Sweep) -> Drawing:
    fig, told = _heat_map(sweep) if _is_plane(sweep) else _dot_plot(sweep)
    settings = sweep["settings"]
    selected = sweep["selected"]
    chosen = (
        "Every setting diverged."
        if selected is None
        else f"Selected by validation accuracy: {_label(settings[selected])}, "
        f"{number(settings[selected]['val_accuracy'])}."
    )
    return Drawing(
        figure=fig,
        title=f"Sweep {sweep['sweep']} of {sweep['base']}: validation accuracy of each setting",
        caption=f"{told} {chosen} Seed {sweep['seed']}; no test image enters the choice.",
        alt=f"{told} {chosen} "
        + "; ".join(f"{_label(each)}: {_value(each)}" for each in settings[:MOST_SHOWN])
        + ".",
        data={
            **{name: [each["parameters"][name] for each in settings] for name in sweep["parameters"]},
            "val_accuracy": [each["val_accuracy"] for each in settings],
            "diverged": [each["diverged"] for each in settings],
            "selected": [position == selected for position in range(len(settings))],
        },
        sources=[paths.sweep_table(sweep["dataset"], sweep["sweep"]).as_posix()],
    )


def _is_plane(sweep: Sweep) -> bool:
    return (
        sweep["grid"]
        and len(sweep["parameters"]) == 2
        and len(_values(sweep["settings"], sweep["parameters"][1])) <= MOST_COLUMNS
    )


def _label(setting: Mapping[str, Any]) -> str:
    return names.settings(setting["parameters"])


def _value(setting: Mapping[str, Any]) -> str:
    return "diverged" if setting["diverged"] else number(setting["val_accuracy"])


def _heat_map(sweep: Sweep) -> tuple[Figure, str]:
    from matplotlib.patches import Rectangle

    down, across = sweep["parameters"]
    settings = sweep["settings"]
    rows, columns = (_values(settings, name) for name in (down, across))
    fig, ax = figure("text", 0.8 + 0.32 * len(rows), left=1.3, right=0.15, top=0.34, bottom=0.3)
    heading(ax, "Validation accuracy", "fraction correct")
    sound = [each["val_accuracy"] for each in settings if not each["diverged"]]
    low, high = min(sound, default=0.0), max(sound, default=1.0)
    for position, each in enumerate(settings):
        row, column = divmod(position, len(columns))
        shade = 0.0 if each["diverged"] else 0.05 + 0.55 * (each["val_accuracy"] - low) / ((high - low) or 1)
        # The shade is the series colour let through in part, so it suits a dark page as well as a light one.
        ax.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=PALETTE[0], edgecolor="none", alpha=shade)
        )
        chosen = position == sweep["selected"]
        ax.text(
            column,
            row,
            _value(each),
            ha="center",
            va="center_baseline",
            fontsize=SMALL_SIZE,
            color=MUTED if each["diverged"] else INK,
            fontweight="bold" if chosen else "normal",
        )
        if chosen:
            frame = Rectangle(
                (column - 0.46, row - 0.42), 0.92, 0.84, fill=False, edgecolor=PALETTE[1], linewidth=1.6
            )
            ax.add_patch(frame)
    _cells(ax, *([names.setting(name, v) for v in each] for name, each in ((down, rows), (across, columns))))
    return fig, "Heat map: the deeper the shade, the higher the accuracy; framed, the selected setting."


def _values(settings: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return list(dict.fromkeys(each["parameters"][name] for each in settings))


def _cells(ax: Axes, rows: list[str], columns: list[str]) -> None:
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.grid(visible=False)
    for edge in range(len(rows) + 1):
        ax.axhline(edge - 0.5, color=GRID, linewidth=0.6)
    for edge in range(len(columns) + 1):
        ax.axvline(edge - 0.5, color=GRID, linewidth=0.6)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(length=0)
    ax.set_xticks(range(len(columns)), [plain(text, 16) for text in columns], fontsize=SMALL_SIZE)
    ax.set_yticks(range(len(rows)), [plain(text, 20) for text in rows], fontsize=SMALL_SIZE)


def _dot_plot(sweep: Sweep) -> tuple[Figure, str]:
    settings = list(enumerate(sweep["settings"]))
    shown = settings
    if len(settings) > MOST_SHOWN:
        best = sorted(settings, key=lambda item: -item[1]["val_accuracy"] + item[1]["diverged"])[:MOST_SHOWN]
        shown = sorted(best, key=lambda item: item[0])
    fig, ax = figure("text", 0.8 + 0.19 * len(shown), left=_LABELS_LEFT, right=0.6, top=0.34, bottom=0.42)
    heading(ax, "Validation accuracy", "fraction correct")
    ends = []
    for row, (position, each) in enumerate(shown):
        ends += _dot(ax, row, each, chosen=position == sweep["selected"])
    margin = 0.05 * (max(ends, default=1.0) - min(ends, default=0.0)) or 0.02
    ax.set_xlim(min(ends, default=0.0) - margin, max(ends, default=1.0) + margin)
    ax.set_ylim(len(shown) - 0.3, -0.7)
    ax.set_yticks(range(len(shown)), [plain(_label(each), 40) for _, each in shown], fontsize=SMALL_SIZE)
    ax.set_xlabel("Validation accuracy (fraction correct)", labelpad=3)
    some = "" if shown == settings else f" the best {len(shown)} of {len(settings)} settings;"
    return fig, f"Dot plot:{some} bars are 95 % Wilson intervals; ringed, the selected setting."


def _dot(ax: Axes, row: int, setting: Mapping[str, Any], *, chosen: bool) -> list[float]:
    """Draw a setting; the ends of its interval."""
    if setting["diverged"]:
        place = ("axes fraction", "data")
        ax.annotate("diverged", (0.02, row), xycoords=place, color=MUTED, va="center_baseline")
        return []
    low, high = setting["val"]["low"], setting["val"]["high"]
    ax.plot((low, high), (row, row), color=PALETTE[0], linewidth=1.4, solid_capstyle="butt", zorder=3)
    ax.plot(setting["val_accuracy"], row, "o", color=PALETTE[0], markersize=4.6, zorder=4)
    if chosen:
        ax.plot(
            setting["val_accuracy"],
            row,
            "o",
            markersize=9,
            markerfacecolor="none",
            markeredgecolor=PALETTE[1],
            zorder=5,
        )
    ax.annotate(
        number(setting["val_accuracy"]),
        (1, row),
        xycoords=("axes fraction", "data"),
        xytext=(6, 0),
        textcoords="offset points",
        va="center_baseline",
        fontsize=SMALL_SIZE,
        fontweight="bold" if chosen else "normal",
    )
    return [low, high]
