"""Grids: examples of the classes, the weights of linear models laid out as images, the confusion matrix."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from octrepro.core import paths
from octrepro.figures.context import Context, OmittedFigureError
from octrepro.plotting.palette import GRID, INK, MUTED, PALETTE
from octrepro.plotting.saving import Drawing
from octrepro.plotting.style import SMALL_SIZE, WIDTHS, draw_picture, figure, small_text
from octrepro.plotting.text import wrapped

GAP = 2  # pixels between images
LABEL_INCHES = 1.35
CLASS_INCHES = 1.45  # for the names of the confusion matrix's rows
SHADES = 127  # of either color, so that a picture of weights needs no more than a palette of 256

Picture = NDArray[np.uint8]
"""Gray pixels, shape (height, width), or color ones, shape (height, width, 3)."""


def class_examples(context: Context) -> Drawing:
    """The first training images of each class."""
    labels, names = context.prepared.train_labels, context.class_names
    columns = 8 if len(names) <= 5 else 10
    chosen = [np.flatnonzero(labels == index)[:columns] for index in range(len(names))]
    shape = tuple(context.prepared.summary["image_shape"])
    images = context.prepared.train_images
    rows = [[images[index].reshape(shape) for index in indices] for indices in chosen]
    counts = np.bincount(labels, minlength=len(names))
    shares = [f"{count:,} images, {count / len(labels):.0%}" for count in counts]
    named = list(zip(names, shares, strict=True))
    pixels = f"{shape[0]} × {shape[1]} pixels, {'in color' if len(shape) == 3 else 'grayscale'}"
    listed = "; ".join(f"{name}: {share}" for name, share in named)
    files = ("train_images.npy", "train_labels.npy", "summary.json")
    return Drawing(
        figure=_picture_grid(rows, named, columns),
        title="The classes: first training images of each",
        caption=f"The first {columns} training images of each class, in file order, not selected; {pixels}. "
        "Beside each name: how many training images are of the class.",
        alt=f"A grid of images, one row for each of {len(names)} classes. {listed}.",
        data={
            "class": [name for name, indices in zip(names, chosen, strict=True) for _ in indices],
            "training_image": np.concatenate(chosen),
        },
        sources=[(paths.prepared(context.dataset) / file).as_posix() for file in files],
    )


def learned_weights(context: Context) -> Drawing:
    """The weights of every linear model, one picture for each class."""
    records = [record for record in context.records.values() if record.linear_weights is not None]
    if not records:
        raise OmittedFigureError("no linear model is among the runs")
    shape, names = tuple(context.prepared.summary["image_shape"]), context.class_names
    flat = np.nan_to_num(np.array([record.linear_weights for record in records], dtype=np.float64))
    weights = flat.reshape(len(records), len(names), *shape)
    if len(shape) == 3:
        weights = weights.mean(axis=-1)
    labels = [context.labels[record.run] for record in records]
    limits = [float(np.abs(images).max()) for images in weights]
    scales = [f"±{limit:.2g}" for limit in limits]
    pictures = [list(_diverging(images, limit)) for images, limit in zip(weights, limits, strict=True)]
    heads = [f"{index} {name}" for index, name in enumerate(names)]
    channels = " For color images, the mean over the channels." if len(shape) == 3 else ""
    largest = [f"{label} {scale}" for label, scale in zip(labels, scales, strict=True)]
    return Drawing(
        figure=_picture_grid(pictures, list(zip(labels, scales, strict=True)), max(len(names), 7), heads),
        title="Learned weights of the linear models, laid out as images",
        caption="Blue: a brighter pixel raises the score of the class; orange: lowers it; white: zero. Each "
        "model has a scale of its own, from minus to plus the number beside its name (weight per unit of "
        f"brightness).{channels}",
        alt=f"A grid of weight images, one for each of {len(records)} linear models and {len(names)} "
        f"classes. Largest absolute weight: {'; '.join(largest)}.",
        data={
            "run": [record.run for record in records for _ in names],
            "class": names * len(records),
            **{
                f"row{row}_column{column}": [float(f"{w:.4g}") for w in weights[..., row, column].flat]
                for row, column in np.ndindex(shape[:2])
            },
        },
        sources=context.sources(records, curves=False),
    )


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
    right = WIDTHS["text"] - CLASS_INCHES - side
    fig, ax = figure("text", side + 0.48, left=CLASS_INCHES, right=right, top=0.05, bottom=0.43)
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
        small_text(ax, text, (0, index), (-6, 0), ha="right", va="center")
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


def _diverging(images: NDArray[np.float64], limit: float) -> NDArray[np.uint8]:
    """Orange through white to blue for -limit through 0 to +limit."""
    strength = np.rint(np.clip(images / (limit or 1.0), -1, 1) * SHADES)[..., None] / SHADES
    blue, orange = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in PALETTE[:2])
    mixed = 255 + np.abs(strength) ** 0.8 * (np.where(strength > 0, blue, orange) - 255.0)
    return np.rint(mixed).astype(np.uint8)


def _picture_grid(
    rows: Sequence[Sequence[Picture]],
    labels: Sequence[tuple[str, str]],
    columns: int,
    heads: Sequence[str] = (),
) -> Figure:
    """Rows of small images, a name and a detail left of each row, a head above each column."""
    height, width = rows[0][0].shape[:2]
    down, across = height + GAP, width + GAP
    grid = np.zeros((len(rows) * down - GAP, columns * across - GAP, 4), dtype=np.uint8)
    inches = WIDTHS["text"] - LABEL_INCHES - 0.05
    top = 0.34 if heads else 0.05
    tall = inches * grid.shape[0] / grid.shape[1] + top + 0.05
    fig, ax = figure("text", tall, left=LABEL_INCHES, right=0.05, top=top, bottom=0.05)
    for row, images in enumerate(rows):
        for column, image in enumerate(images):
            y, x = row * down, column * across
            grid[y : y + height, x : x + width, :3] = image if image.ndim == 3 else image[..., None]
            grid[y : y + height, x : x + width, 3] = 255
            # A frame, since the image may be white at the edge and so may the page.
            frame: Any = {"fill": False, "edgecolor": MUTED, "linewidth": 0.4, "clip_on": False}
            ax.add_patch(Rectangle((x, y), width, height, **frame))
    draw_picture(ax, grid)
    room = int(inches / columns * 72 / (0.6 * SMALL_SIZE))
    for column, head in enumerate(heads):
        middle = (column * across + width / 2) / grid.shape[1]
        small_text(ax, "\n".join(wrapped(head, room, 2)), (middle, 0), (0, 4), ha="center", va="bottom")
    for row, (name, detail) in enumerate(labels):
        lines = [(line, INK) for line in wrapped(name, 20, 2 if len(labels) > 7 else 3)]
        lines += [(detail, MUTED)] if detail else []
        for index, (line, color) in enumerate(lines):
            offset = (-LABEL_INCHES * 72 + 2, ((len(lines) - 1) / 2 - index) * 1.25 * SMALL_SIZE)
            small_text(ax, line, (0, row * down + height / 2), offset, color=color)
    return fig
