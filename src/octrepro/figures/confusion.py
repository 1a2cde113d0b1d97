"""The confusion matrix of the best run: which classes are taken for which."""

from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from octrepro.figures.context import Context, OmittedFigureError
from octrepro.plotting.palette import GRID, INK, MUTED, PALETTE
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import SMALL_SIZE, WIDTHS, figure, small_text
from octrepro.plotting.text import wrapped

LEFT = 1.45  # inches for the names of the classes


def confusion_matrix(context: Context) -> Drawing:
    """The test images of the best run by true and predicted class."""
    best = context.results["best_run"]
    if best is None:
        raise OmittedFigureError("every run diverged")
    record, names, label = context.record(best), context.class_names, context.labels[best]
    counts = np.asarray(record.metrics["confusion"], dtype=np.int64)
    totals = counts.sum(axis=1)
    shares = counts / np.maximum(totals, 1)[:, None]
    side = min(4.3, 0.42 * len(names) + 0.4)
    right = WIDTHS["text"] - LEFT - side
    fig, ax = figure("text", side + 0.48, left=LEFT, right=right, top=0.05, bottom=0.43)
    size = min(SMALL_SIZE + 1, 0.55 * side * 72 / len(names))
    for (i, j), number in np.ndenumerate(counts):
        # The series color let through in part suits a dark page as well as a light one.
        shade = (PALETTE[0], 0.6 * shares[i, j])
        ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=shade, edgecolor=GRID, linewidth=0.6))
        color, weight = INK if number else MUTED, "bold" if i == j else "normal"
        place: Any = {"ha": "center", "va": "center_baseline"}
        ax.text(j, i, str(number), color=color, fontweight=weight, fontsize=size, **place)
    ax.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(names) - 0.5, -0.5))
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(length=0, labelsize=SMALL_SIZE)
    ax.set_xticks(range(len(names)))
    ax.set_yticks([])
    for index, name in enumerate(names):
        text = "\n".join(wrapped(f"{index} {name}", 22, 2))
        small_text(ax, text, (0, index), (-6, 0), "row", ha="right", va="center")
    ax.set_xlabel("Predicted class", labelpad=2, fontsize=SMALL_SIZE)
    found = [f"{counts[i, i]} of {totals[i]} {name}" for i, name in enumerate(names) if totals[i]]
    return Drawing(
        figure=fig,
        title="Confusion matrix of the best run on the test images",
        caption=f"{label}, the best run on validation. Rows: true class; columns: predicted class; numbers: "
        "images; shade: share of the row.",
        alt=f"Confusion matrix. {label} finds {', '.join(found)}.",
        data={
            "true_class": [true for true in names for _ in names],
            "predicted_class": names * len(names),
            "images": counts.ravel(),
        },
        sources=context.sources([record], curves=False),
    )
