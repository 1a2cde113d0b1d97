"""Confusion matrices: which classes are taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from octrepro.core.records import RunRecord
from octrepro.figures.cells import GridCell, shaded_grid
from octrepro.figures.drawing import Context, Drawing, FigureSpec
from octrepro.plotting import INK, MUTED, SMALL_SIZE, WIDTHS, panels, small_text, wrapped
from octrepro.study.names import model_name, settings
from octrepro.study.runs import RUNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_CLASSES_IN_SMALL = 5
LEFT = 1.45  # inches for the names of the classes


def _confusion(context: Context) -> Drawing:
    """The best run of each question, or the best run when there are many classes."""
    compared = {run for found in context.results["comparisons"] for run in found["runs"]}
    best = {found["best"] for found in context.results["comparisons"]}
    alone = {run for run in RUNS if run not in compared}
    records = [record for run, record in context.records.items() if run in best | alone]
    names = context.class_names
    if len(names) > MOST_CLASSES_IN_SMALL or not records:
        records = [context.records[context.results["best_run"] or next(iter(context.records))]]
    large = len(records) == 1
    chosen = [settings(context.rows[each.run]["differing"]) or "default" for each in records]
    fig, axes = _panels(len(records), len(names))
    for position, (ax, record) in enumerate(zip(axes, records, strict=False)):
        _matrix(ax, _counts(record), names if large or position % 3 == 0 else [], large)
        model, lines = model_name(record.experiment["model"]), wrapped(chosen[position], 26, 2)
        small_text(ax, model, (0, 1), (0, 7 + 9 * len(lines)), color=INK, va="baseline")
        small_text(ax, "\n".join(lines), (0, 1), (0, 5), color=MUTED, va="bottom")
    for ax in axes[len(records) :]:
        ax.remove()
    listed = "; ".join(f"{index} {name}" for index, name in enumerate(names))
    which = "" if large else " Each is the run of its group that is best on the validation set."
    sentences = [f"{context.rows[each.run]['label']} finds {_recalls(each, names)}." for each in records]
    return Drawing(
        figure=fig,
        title="Confusion matrices on the test images",
        caption="Rows: true class; columns: predicted class; numbers: images; shade: share of the row. "
        f"Classes: {listed}.{which}",
        alt=f"Confusion matrices. {' '.join(sentences)}",
        data=_table(records, names),
        sources=context.sources(records, curves=False),
    )


def _counts(record: RunRecord) -> NDArray[np.int64]:
    return np.asarray(record.metrics["confusion"], dtype=np.int64)


def _panels(matrices: int, classes: int) -> tuple[Figure, list[Axes]]:
    """Square panels: three to a row, or a single large one."""
    total = WIDTHS["text"]
    if matrices == 1:
        side = min(4.3, 0.42 * classes + 0.4)
        right = total - LEFT - side
        return panels(1, 1, "text", side + 0.85, left=LEFT, right=right, top=0.42, bottom=0.43)
    rows, side = -(-matrices // 3), (total - LEFT - 0.1 - 2 * 0.3) / 3
    height = rows * side + (rows - 1) * 0.8 + 0.85
    margins: Any = {"left": LEFT, "right": 0.1, "top": 0.42, "bottom": 0.43}
    return panels(rows, 3, "text", height, **margins, column_gap=0.3, row_gap=0.8)


def _matrix(ax: Axes, counts: NDArray[np.int64], names: list[str], large: bool) -> None:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    cells = [
        [
            GridCell(str(counts[i, j]), shares[i, j], bold=i == j, muted=not counts[i, j])
            for j in range(len(counts))
        ]
        for i in range(len(counts))
    ]
    figure = ax.get_figure(root=True)
    assert figure is not None  # noqa: S101 - panels always belong to a figure
    side = ax.get_position().width * figure.get_figwidth() * 72
    size = min(SMALL_SIZE + (1 if large else 0), 0.55 * side / len(counts))
    numbers = [str(index) for index in range(len(counts))]
    shaded_grid(ax, cells, numbers, numbers, size)
    for index, name in enumerate(names):
        text = "\n".join(wrapped(name, 20, 2))
        small_text(ax, text, (0, index), (-18, 0), "row", ha="right", va="center")
    ax.set_xlabel("Predicted class", labelpad=2, fontsize=SMALL_SIZE)


def _recalls(record: RunRecord, names: list[str]) -> str:
    counts = _counts(record)
    totals = counts.sum(axis=1)
    found = [f"{counts[i, i]} of {totals[i]} {name}" for i, name in enumerate(names) if totals[i]]
    return ", ".join(found)


def _table(records: list[RunRecord], names: list[str]) -> dict[str, list[Any]]:
    cells = [(record, i, j) for record in records for i, j in np.ndindex(len(names), len(names))]
    return {
        "run": [record.run for record, _, _ in cells],
        "true_class": [names[i] for _, i, _ in cells],
        "predicted_class": [names[j] for _, _, j in cells],
        "images": [int(_counts(record)[i, j]) for record, i, j in cells],
    }


FIGURES = [FigureSpec("confusion_matrices", None, _confusion)]
