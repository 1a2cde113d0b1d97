"""A figure for each sweep: the validation accuracy of every setting."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from octrepro.core import paths
from octrepro.figures.context import Context, number
from octrepro.plotting.palette import MUTED, PALETTE
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import SMALL_SIZE, figure, interval, small_text
from octrepro.plotting.text import plain
from octrepro.study.names import settings

Sweep = Mapping[str, Any]

# More would not fit on a page; the table has them all.
MOST_SHOWN = 40


def sweep_figures(sweeps: Sequence[Sweep]) -> dict[str, Callable[[Context], Drawing]]:
    """A figure for each sweep of a data set."""
    return {f"sweep_{sweep['sweep']}": partial(_draw, sweep) for sweep in sweeps}


def _draw(sweep: Sweep, context: Context) -> Drawing:
    tried, selected = sweep["settings"], sweep["selected"]
    best = sorted(range(len(tried)), key=lambda i: (tried[i]["diverged"], -tried[i]["val_accuracy"]))
    shown = sorted(best[:MOST_SHOWN])
    names = [settings(each["parameters"]) for each in tried]
    values = ["diverged" if each["diverged"] else number(each["val_accuracy"]) for each in tried]
    fig, ax = figure("text", 0.7 + 0.19 * len(shown), left=2.35, right=0.7, top=0.2, bottom=0.42)
    for row, position in enumerate(shown):
        each, chosen = tried[position], position == selected
        if not each["diverged"]:
            interval(ax, row, each["val"])
        if chosen:
            ring: Any = {"markersize": 9, "fillstyle": "none", "color": PALETTE[1]}
            ax.plot(each["val_accuracy"], row, "o", zorder=5, **ring)
        style: Any = {"color": MUTED} if each["diverged"] else {"fontweight": "bold" if chosen else "normal"}
        small_text(ax, values[position], (1, row), (6, 0), "row", **style)
    ax.margins(x=0.05)
    ax.set_ylim(len(shown) - 0.3, -0.7)
    ax.set_yticks(range(len(shown)), [plain(names[i], 40) for i in shown], fontsize=SMALL_SIZE)
    ax.set_xlabel("Validation accuracy (fraction correct)", labelpad=3)
    kind = "Dots: validation accuracy; bars: 95 % Wilson intervals; ring: the selected setting."
    if len(shown) < len(tried):
        kind += f" Only the best {len(shown)} of {len(tried)} settings are shown."
    chosen = "Every setting diverged."
    if selected is not None:
        chosen = f"Selected by validation accuracy: {names[selected]}, {values[selected]}."
    listed = "; ".join(f"{names[i]}: {values[i]}" for i in shown)
    return Drawing(
        figure=fig,
        title=f"Sweep {sweep['sweep']} of {sweep['base']}: validation accuracy of each setting",
        caption=f"{kind} {chosen} Seed {sweep['seed']}; no test image enters the choice.",
        alt=f"Dot plot. {chosen} {listed}.",
        data={
            **{name: [each["parameters"][name] for each in tried] for name in sweep["parameters"]},
            "val_accuracy": [each["val_accuracy"] for each in tried],
            "diverged": [each["diverged"] for each in tried],
            "selected": [position == selected for position in range(len(tried))],
        },
        sources=[paths.sweep_table(sweep["dataset"], sweep["sweep"]).as_posix()],
    )
