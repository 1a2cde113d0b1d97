"""Accuracies with their intervals: of every run on the test images, of a sweep on the validation images."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from octrepro.core import paths
from octrepro.figures.context import Context, number
from octrepro.plotting.palette import MUTED, PALETTE
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import DOTTED, SMALL_SIZE, figure, small_text
from octrepro.plotting.text import plain
from octrepro.study.names import model_name, settings
from octrepro.study.runs import deviation

Row = Mapping[str, Any]

# Settings of a sweep; more would not fit on a page, and the CSV has them all.
MOST_SHOWN = 40
LEFT = 2.35  # inches for the names of the runs


def accuracies(context: Context) -> Drawing:
    """A dot with its interval for every run."""
    rows = context.results["rows"]
    tests = [row["test"] for row in rows]
    reported = [_reported(row) for row in rows]
    majority = context.results["majority"]["accuracy"]
    lines = _lines(rows)
    heights = [height for height, _, _, is_run in lines if is_run]
    fig, ax = figure("text", 0.78 + 0.19 * (heights[-1] + 1.4), left=LEFT, right=1.35, top=0.36, bottom=0.42)
    for height, text, indent, is_run in lines:
        offset, weight = (-LEFT * 72 + indent, 0), "normal" if is_run else "bold"
        small_text(ax, plain(text, 42), (0, height), offset, fontweight=weight)
    _intervals(ax, heights, tests, label="our run")
    if any(reported):
        diamond: Any = {"markersize": 5, "fillstyle": "none", "color": PALETTE[1], "zorder": 5}
        values = np.array(reported, dtype=float)  # NaN where there is none
        ax.plot(values, heights, "D", label="source report", **diamond)
    ax.axvline(majority, color=MUTED, linewidth=1.0, linestyle=DOTTED, zorder=2, label="most frequent class")
    # A key of one line above the panel, and the head of the column of numbers.
    place: Any = {"loc": "lower left", "bbox_to_anchor": (-0.02, 1.0), "borderaxespad": 0.2}
    spacing: Any = {"handletextpad": 0.4, "columnspacing": 1.2, "handlelength": 1.2}
    ax.legend(ncols=3, frameon=False, fontsize=SMALL_SIZE, **place, **spacing)
    small_text(ax, "95 % interval", (1, -0.7), (41, 7), color=MUTED, va="baseline")
    ax.set_ylim(heights[-1] + 0.7, -0.7)
    ax.set_yticks(heights, [])
    ends = [test[end] for test in tests for end in ("low", "high")]
    every = [*ends, majority, *filter(None, reported)]
    first, last = np.floor(min(every) * 10 - 0.1) / 10, np.ceil(max(every) * 10 + 0.1) / 10
    ax.set_xlim(max(0.0, float(first)), min(1.0, float(last)))
    ax.xaxis.set_major_locator(MultipleLocator(0.1))
    ax.set_xlabel("Test accuracy (fraction correct)", labelpad=3)
    sentences = []
    for height, row, test, reference in zip(heights, rows, tests, reported, strict=True):
        further = context.records[row["run"]].replicates.values()
        seeds = [each.metrics["test_accuracy"] for each in further if not each.metrics["diverged"]]
        ax.plot(seeds, [height + 0.3] * len(seeds), "|", color=MUTED, markersize=4, markeredgewidth=0.7)
        small_text(ax, f"{test['accuracy']:.3f}", (1, height), (8, 0))
        small_text(ax, f"{test['low']:.3f}–{test['high']:.3f}", (1, height), (41, 0))
        said = "" if reference is None else f", source report {reference:.4f}"
        words = f"{row['label']}{' (diverged)' * row['diverged']} {test['accuracy']:.4f}"
        sentences.append(f"{words} ({test['low']:.3f} to {test['high']:.3f}){said}")
    replicated = any(record.replicates for record in context.records.values())
    ticks = " Ticks below a bar: the same run from further seeds." if replicated else ""
    comparable = context.results["reference_comparable"]
    note = "" if comparable else ", measured on OCTMNIST and not comparable with these data"
    diamonds = f"Hollow diamonds: the source report's values for runs with the same parameters{note}. "
    return Drawing(
        figure=fig,
        title="Test accuracy of every run",
        caption=f"Dots: accuracy on {rows[0]['test']['total']} test images; bars: 95 % Wilson intervals. "
        f"{diamonds if any(reported) else ''}"
        f"Dotted line: always predicting the most frequent class.{ticks}",
        alt=f"Dot plot of test accuracy with 95 % intervals. {'; '.join(sentences)}. "
        f"Always predicting the most frequent class gives {majority:.4f}.",
        data={
            "run": [row["run"] for row in rows],
            **{f"test_{name}": [test[name] for test in tests] for name in ("correct", "total", "accuracy")},
            **{end: [test[end] for test in tests] for end in ("low", "high")},
            "source_report": reported,
            "comparable": [comparable if reference is not None else None for reference in reported],
        },
        sources=context.sources(list(context.records.values()), curves=False),
    )


def _reported(row: Row) -> float | None:
    """What the source report states for a run with these parameters."""
    accuracy = row["reported"]
    return None if accuracy is None or deviation(row["run"], row["experiment"]) else float(accuracy)


def _lines(rows: Sequence[Row]) -> list[tuple[float, str, float, bool]]:
    """The lines of the figure from above: height, text, indent in points, and whether it is a run's.

    Several runs of one model stand under its name.
    """
    lines: list[tuple[float, str, float, bool]] = []
    height = 0.0
    for model, members in groupby(rows, key=lambda row: row["model"]):
        group = list(members)
        if len(group) > 1:
            lines.append((height, model_name(model), 2, False))
            height += 1.0
        for row in group:
            own = settings(row["differing"]) or "default"
            text, indent = (own, 12) if len(group) > 1 else (row["label"], 2)
            lines.append((height, text + " (diverged)" * row["diverged"], indent, True))
            height += 1.0
        height += 0.35
    return lines


def sweep_figures(sweeps: Sequence[Row]) -> dict[str, Callable[[Context], Drawing]]:
    """A figure for each sweep of a data set."""
    return {f"sweep_{sweep['sweep']}": partial(_sweep, sweep) for sweep in sweeps}


def _sweep(sweep: Row, context: Context) -> Drawing:
    tried, selected = sweep["settings"], sweep["selected"]
    best = sorted(range(len(tried)), key=lambda i: (tried[i]["diverged"], -tried[i]["val_accuracy"]))
    shown = sorted(best[:MOST_SHOWN])
    names = [settings(each["parameters"]) for each in tried]
    values = ["diverged" if each["diverged"] else number(each["val_accuracy"]) for each in tried]
    fig, ax = figure("text", 0.7 + 0.19 * len(shown), left=LEFT, right=0.7, top=0.2, bottom=0.42)
    finished = [row for row, position in enumerate(shown) if not tried[position]["diverged"]]
    _intervals(ax, finished, [tried[shown[row]]["val"] for row in finished])
    for row, position in enumerate(shown):
        each, chosen = tried[position], position == selected
        if chosen:
            ring: Any = {"markersize": 9, "fillstyle": "none", "color": PALETTE[1]}
            ax.plot(each["val_accuracy"], row, "o", zorder=5, **ring)
        style: Any = {"color": MUTED} if each["diverged"] else {"fontweight": "bold" if chosen else "normal"}
        small_text(ax, values[position], (1, row), (6, 0), **style)
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


def _intervals(ax: Axes, heights: Sequence[float], shares: Sequence[Row], label: str = "") -> None:
    """Draw accuracies with their intervals, each level at its height."""
    low, high, accuracy = ([share[name] for share in shares] for name in ("low", "high", "accuracy"))
    ax.hlines(heights, low, high, color=PALETTE[0], linewidth=1.4, zorder=3)
    ax.plot(accuracy, heights, "o", color=PALETTE[0], markersize=4.6, zorder=4, label=label)
