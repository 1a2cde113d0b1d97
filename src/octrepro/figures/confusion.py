"""Confusion matrices: which classes are taken for which."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from octrepro.figures.cells import GridCell, shaded_grid
from octrepro.figures.context import Context
from octrepro.plotting.palette import MUTED
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import SMALL_SIZE, WIDTHS, panels, small_text
from octrepro.plotting.text import wrapped
from octrepro.study.names import model_name, settings
from octrepro.study.runs import RUNS

MOST_CLASSES_IN_SMALL = 5
LEFT = 1.45  # inches for the names of the classes


def confusion_matrices(context: Context) -> Drawing:
    """The best run of each question, or the best run when there are many classes."""
    comparisons, names = context.results["comparisons"], context.class_names
    compared = {run for found in comparisons for run in found["runs"]}
    wanted = {found["best"] for found in comparisons} | (RUNS.keys() - compared)
    records = [record for run, record in context.records.items() if run in wanted]
    if len(names) > MOST_CLASSES_IN_SMALL or not records:
        records = [context.records[context.results["best_run"] or next(iter(context.records))]]
    large = len(records) == 1
    rows = [context.rows[record.run] for record in records]
    counts = [np.asarray(record.metrics["confusion"], dtype=np.int64) for record in records]
    fig, axes, side = _panels(len(records), len(names))
    for position, (record, row) in enumerate(zip(records, rows, strict=True)):
        ax = axes[position]
        _matrix(ax, counts[position], names if large or position % 3 == 0 else [], side, large)
        lines = wrapped(settings(row["differing"]) or "default", 26, 2)
        model = model_name(record.experiment["model"])
        small_text(ax, model, (0, 1), (0, 7 + 9 * len(lines)), va="baseline")
        small_text(ax, "\n".join(lines), (0, 1), (0, 5), color=MUTED, va="bottom")
    for ax in axes[len(records) :]:
        ax.remove()
    listed = "; ".join(f"{index} {name}" for index, name in enumerate(names))
    which = "" if large else " Each is the run of its group that is best on the validation set."
    recalls = [f"{row['label']} finds {_recalls(n, names)}." for row, n in zip(rows, counts, strict=True)]
    cells = [
        (record.run, names[i], names[j], int(number))
        for record, matrix in zip(records, counts, strict=True)
        for (i, j), number in np.ndenumerate(matrix)
    ]
    columns = ("run", "true_class", "predicted_class", "images")
    return Drawing(
        figure=fig,
        title="Confusion matrices on the test images",
        caption="Rows: true class; columns: predicted class; numbers: images; shade: share of the row. "
        f"Classes: {listed}.{which}",
        alt=f"Confusion matrices. {' '.join(recalls)}",
        data=dict(zip(columns, zip(*cells, strict=True), strict=True)),
        sources=context.sources(records, curves=False),
    )


def _panels(matrices: int, classes: int) -> tuple[Figure, list[Axes], float]:
    """Square panels, three to a row or a single large one, and the length of their sides in inches."""
    margins: Any = {"left": LEFT, "top": 0.42, "bottom": 0.43}
    if matrices == 1:
        side = min(4.3, 0.42 * classes + 0.4)
        fig, axes = panels(1, 1, "text", side + 0.85, right=WIDTHS["text"] - LEFT - side, **margins)
    else:
        rows, side = -(-matrices // 3), (WIDTHS["text"] - LEFT - 0.1 - 2 * 0.3) / 3
        height = rows * side + (rows - 1) * 0.8 + 0.85
        fig, axes = panels(rows, 3, "text", height, right=0.1, column_gap=0.3, row_gap=0.8, **margins)
    return fig, axes, side


def _matrix(ax: Axes, counts: NDArray[np.int64], names: list[str], side: float, large: bool) -> None:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    cells = [
        [GridCell(str(number), shares[i, j], bold=i == j, muted=not number) for j, number in enumerate(line)]
        for i, line in enumerate(counts)
    ]
    size = min(SMALL_SIZE + (1 if large else 0), 0.55 * side * 72 / len(counts))
    numbers = [str(index) for index in range(len(counts))]
    shaded_grid(ax, cells, numbers, numbers, size)
    for index, name in enumerate(names):
        text = "\n".join(wrapped(name, 20, 2))
        small_text(ax, text, (0, index), (-18, 0), "row", ha="right", va="center")
    ax.set_xlabel("Predicted class", labelpad=2, fontsize=SMALL_SIZE)


def _recalls(counts: NDArray[np.int64], names: list[str]) -> str:
    totals = counts.sum(axis=1)
    found = [f"{counts[i, i]} of {totals[i]} {name}" for i, name in enumerate(names) if totals[i]]
    return ", ".join(found)
