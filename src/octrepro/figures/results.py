"""Final results: test accuracies with their uncertainty, and which classes are taken for which."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from octrepro.core.records import RunRecord
from octrepro.figures.context import Context, Drawing
from octrepro.figures.registry import FigureSpec
from octrepro.figures.wording import differences, model_name, run_label
from octrepro.plotting import GRID, INK, MUTED, PALETTE, SMALL_SIZE, figure, panels, plain, wrapped
from octrepro.study.runs import RUNS, deviation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CLASSES_IN_SMALL = 5
OVERVIEW_LEFT = 2.35  # inches for the names of the runs


def _overview(context: Context) -> Drawing:
    """Test accuracy of every run with its 95 % interval, beside what the source report states."""
    records = list(context.records.values())
    rows = _rows(records)
    height = 0.78 + 0.19 * (rows[-1].height + 1.4)
    fig, ax = figure("text", height, left=OVERVIEW_LEFT, right=1.35, top=0.36, bottom=0.42)
    shares = [context.rows[record.run]["test"] for record in records]
    intervals = [(share["low"], share["high"]) for share in shares]
    reported = [_reported(context, record) for record in records]
    chance = context.results["majority"]["accuracy"]
    ends = [end for interval in intervals for end in interval] + [chance, *filter(None, reported)]
    _overview_axes(ax, rows, min(ends), max(ends))
    _constant_guess(ax, chance)
    heights = [row.height for row in rows if row.record]
    for place, record, interval, reference in zip(heights, records, intervals, reported, strict=True):
        _overview_row(ax, place, record, interval, reference)
    _overview_key(ax, any(value is not None for value in reported))
    comparable = context.results["reference_comparable"]
    note = "" if comparable else ", obtained on OCTMNIST and not comparable with these data"
    return Drawing(
        figure=fig,
        title="Test accuracy of every run",
        caption=f"Dots: accuracy on {records[0].metrics['test_total']} test images; bars: 95 % Wilson "
        f"intervals. Hollow diamonds: the source report's values for runs with the same "
        f"parameters{note}. Dotted line: always answering the "
        "commonest class.",
        alt="Dot plot of test accuracy with 95 % intervals. "
        + "; ".join(
            f"{_label(record)} {record.metrics['test_accuracy']:.4f} ({low:.3f} to {high:.3f})"
            + ("" if reference is None else f", source report {reference:.4f}")
            for record, (low, high), reference in zip(records, intervals, reported, strict=True)
        )
        + f". Always answering the commonest class gives {chance:.4f}.",
        data={
            "run": [record.run for record in records],
            "test_correct": [record.metrics["test_correct"] for record in records],
            "test_total": [record.metrics["test_total"] for record in records],
            "test_accuracy": [record.metrics["test_accuracy"] for record in records],
            "low": [low for low, _ in intervals],
            "high": [high for _, high in intervals],
            "source_report": reported,
            "comparable": [comparable if reference is not None else None for reference in reported],
        },
        sources=context.sources(records)[::2],
    )


def _reported(context: Context, record: RunRecord) -> float | None:
    """What the source report states for a run with these parameters."""
    accuracy = context.rows[record.run]["reported"]
    return None if accuracy is None or deviation(record.run, record.experiment) else float(accuracy)


@dataclass(frozen=True)
class _Row:
    """A line of the overview: a run, or the heading of several runs of one model."""

    height: float
    text: str
    indented: bool
    record: RunRecord | None


def _rows(records: list[RunRecord]) -> list[_Row]:
    """The runs from above; those of one model stand under its name, set apart from the rest."""
    rows: list[_Row] = []
    height = 0.0
    for _, members in groupby(records, key=lambda record: str(record.experiment["model"])):
        group = list(members)
        if len(group) == 1:
            rows.append(_Row(height, _label(group[0]), False, group[0]))
        else:
            rows.append(_Row(height, model_name(group[0]), False, None))
            for record in group:
                height += 1.0
                own = differences(record) or "default"
                rows.append(_Row(height, own + _if_diverged(record), True, record))
        height += 1.35
    return rows


def _if_diverged(record: RunRecord) -> str:
    return " (diverged)" if record.metrics["diverged"] else ""


def _label(record: RunRecord) -> str:
    return run_label(record) + _if_diverged(record)


def _overview_axes(ax: Axes, rows: list[_Row], low: float, high: float) -> None:
    first, last = np.floor(low * 10 - 0.1) / 10, np.ceil(high * 10 + 0.1) / 10
    ax.set_xlim(max(0.0, float(first)), min(1.0, float(last)))
    ax.set_ylim(rows[-1].height + 0.7, -0.7)
    ax.set_yticks([row.height for row in rows if row.record], [])
    ticks = [tick / 10 for tick in range(11) if first - 0.01 <= tick / 10 <= last + 0.01]
    ax.set_xticks(ticks, [f"{tick:.1f}" for tick in ticks])
    ax.set_xlabel("Test accuracy (fraction correct)", labelpad=3)
    for row in rows:
        ax.annotate(
            plain(row.text, 42),
            (0, row.height),
            xycoords=("axes fraction", "data"),
            xytext=(-OVERVIEW_LEFT * 72 + (12 if row.indented else 2), 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=SMALL_SIZE,
            fontweight="normal" if row.record else "bold",
            annotation_clip=False,
        )


def _overview_row(
    ax: Axes, row: float, record: RunRecord, interval: tuple[float, float], reference: float | None
) -> None:
    ax.plot(interval, (row, row), color=PALETTE[0], linewidth=1.4, solid_capstyle="butt", zorder=3)
    ax.plot(record.metrics["test_accuracy"], row, "o", color=PALETTE[0], markersize=4.6, zorder=4)
    if reference is not None:
        ax.plot(
            reference, row, "D", markersize=5, markerfacecolor="none", markeredgecolor=PALETTE[1], zorder=5
        )
    columns = {8: f"{record.metrics['test_accuracy']:.3f}", 41: f"{interval[0]:.3f}–{interval[1]:.3f}"}
    for offset, text in columns.items():
        ax.annotate(
            text,
            (1, row),
            xycoords=("axes fraction", "data"),
            xytext=(offset, 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=SMALL_SIZE,
        )


def _constant_guess(ax: Axes, share: float) -> None:
    ax.axvline(share, color=MUTED, linewidth=1.0, linestyle=(0, (1, 2)), zorder=2)


def _overview_key(ax: Axes, reference: bool) -> None:
    """A one-line key above the panel, and the head of the column of numbers."""
    entries = [("o", PALETTE[0], PALETTE[0], "our run")]
    if reference:
        entries.append(("D", "none", PALETTE[1], "source report"))
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [], [], marker=marker, markerfacecolor=face, markeredgecolor=edge, markersize=5, linestyle="none"
        )
        for marker, face, edge, _ in entries
    ]
    handles.append(Line2D([], [], color=MUTED, linewidth=1.0, linestyle=(0, (1, 2))))
    ax.legend(
        handles,
        [text for *_, text in entries] + ["commonest class"],
        loc="lower left",
        bbox_to_anchor=(-0.02, 1.0),
        ncols=3,
        frameon=False,
        fontsize=SMALL_SIZE,
        handletextpad=0.4,
        columnspacing=1.2,
        borderaxespad=0.2,
        handlelength=1.2,
    )
    ax.annotate(
        "95 % interval",
        (1, 1),
        xycoords="axes fraction",
        xytext=(41, 7),
        textcoords="offset points",
        color=MUTED,
        fontsize=SMALL_SIZE,
    )


def _confusion(context: Context) -> Drawing:
    """Confusion matrices of the best run of each question, or of the best run when there are many classes."""
    compared = {run for found in context.results["comparisons"] for run in found["runs"]}
    chosen = {found["best"] for found in context.results["comparisons"]}
    records = [
        record
        for run, record in context.records.items()
        if run in chosen or (run in RUNS and run not in compared)
    ]
    names = context.class_names
    if len(names) > MOST_CLASSES_IN_SMALL or not records:
        records = [context.records[context.results["best_run"] or next(iter(context.records))]]
    fig, axes = _confusion_panels(len(records), len(names))
    for position, (ax, record) in enumerate(zip(axes, records, strict=False)):
        first_column = len(records) == 1 or position % 3 == 0
        _matrix(ax, _counts(record), names if first_column else None, len(records) == 1)
        _matrix_title(ax, record)
    for ax in axes[len(records) :]:
        ax.remove()
    listed = "; ".join(f"{index} {name}" for index, name in enumerate(names))
    return Drawing(
        figure=fig,
        title="Confusion matrices on the test images",
        caption="Rows: true class; columns: predicted class; numbers: images; shade: share of the row. "
        f"Classes: {listed}."
        + (
            "" if len(records) == 1 else " Shown is the run of each group that is best on the validation set."
        ),
        alt="Confusion matrices. " + " ".join(_confusion_words(record, names) for record in records),
        data=_confusion_table(records, names),
        sources=context.sources(records)[::2],
    )


def _matrix_title(ax: Axes, record: RunRecord) -> None:
    for text, height, colour in ((model_name(record), 16, INK), (plain(record.run, 26), 5, MUTED)):
        ax.annotate(
            text,
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, height),
            textcoords="offset points",
            color=colour,
            fontsize=SMALL_SIZE,
        )


def _counts(record: RunRecord) -> NDArray[np.int64]:
    return np.asarray(record.metrics["confusion"], dtype=np.int64)


def _confusion_panels(matrices: int, classes: int) -> tuple[Any, list[Axes]]:
    """Square panels: three to a row, or a single large one."""
    left = 1.45
    if matrices == 1:
        side = min(4.3, 0.42 * classes + 0.4)
        return panels(1, 1, "text", side + 0.85, left=left, right=6.3 - left - side, top=0.42, bottom=0.43)
    rows, side = -(-matrices // 3), (6.3 - left - 0.1 - 2 * 0.3) / 3
    height = rows * side + (rows - 1) * 0.8 + 0.85
    return panels(
        rows, 3, "text", height, left=left, right=0.1, top=0.42, bottom=0.43, column_gap=0.3, row_gap=0.8
    )


def _matrix(ax: Axes, counts: NDArray[np.int64], names: list[str] | None, large: bool) -> None:
    from matplotlib.patches import Rectangle

    classes = len(counts)
    totals = np.maximum(counts.sum(axis=1), 1)
    size = min(SMALL_SIZE + (1 if large else 0), 0.55 * _side_points(ax) / classes)
    for (row, column), count in np.ndenumerate(counts):
        share = count / totals[row]
        # The shade is the series colour let through in part, so it suits a dark page as well as a light one.
        cell = Rectangle(
            (column - 0.5, row - 0.5), 1, 1, facecolor=PALETTE[0], edgecolor="none", alpha=0.6 * share
        )
        ax.add_patch(cell)
        ax.text(
            column,
            row,
            str(count),
            ha="center",
            va="center_baseline",
            fontsize=size,
            color=INK if count else MUTED,
            fontweight="bold" if row == column else "normal",
        )
    ax.set_xlim(-0.5, classes - 0.5)
    ax.set_ylim(classes - 0.5, -0.5)
    ax.grid(visible=False)
    for edge in np.arange(-0.5, classes, 1.0):
        ax.axhline(edge, color=GRID, linewidth=0.6)
        ax.axvline(edge, color=GRID, linewidth=0.6)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(length=0)
    ax.set_xticks(range(classes), [str(index) for index in range(classes)], fontsize=SMALL_SIZE)
    ax.set_yticks(range(classes), [str(index) for index in range(classes)], fontsize=SMALL_SIZE)
    for index, name in enumerate(names or ()):
        ax.annotate(
            "\n".join(wrapped(name, 20, 2)),
            (0, index),
            xycoords=("axes fraction", "data"),
            xytext=(-18, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=SMALL_SIZE,
            annotation_clip=False,
        )
    ax.set_xlabel("Predicted class", labelpad=2, fontsize=SMALL_SIZE)


def _side_points(ax: Axes) -> float:
    figure = ax.get_figure(root=True)
    assert figure is not None  # noqa: S101 - panels always belong to a figure
    return float(ax.get_position().width * figure.get_figwidth() * 72)


def _confusion_words(record: RunRecord, names: list[str]) -> str:
    counts = _counts(record)
    recalls = ", ".join(
        f"{counts[i, i]} of {counts[i].sum()} {name}" for i, name in enumerate(names) if counts[i].sum()
    )
    return f"{run_label(record)} finds {recalls}."


def _confusion_table(records: list[RunRecord], names: list[str]) -> dict[str, list[Any]]:
    cells = [
        (record, row, column) for record in records for row, column in np.ndindex(len(names), len(names))
    ]
    return {
        "run": [record.run for record, _, _ in cells],
        "true_class": [names[row] for _, row, _ in cells],
        "predicted_class": [names[column] for _, _, column in cells],
        "images": [int(_counts(record)[row, column]) for record, row, column in cells],
    }


FIGURES = [
    FigureSpec("test_accuracies", None, _overview),
    FigureSpec("confusion_matrices", None, _confusion),
]
