"""Pictures: examples of the classes, and the weights of linear models laid out as the images are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from octrepro.core import paths
from octrepro.core.records import RunRecord
from octrepro.figures.context import Context, Drawing, OmittedFigureError
from octrepro.figures.registry import FigureSpec
from octrepro.figures.wording import run_label, setting
from octrepro.plotting import MUTED, PALETTE, SMALL_SIZE, WIDTHS, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP = 2  # pixels between images, on the images' own grid
ENLARGED = 4  # programs smooth small images when they scale them up; pixels of 4 x 4 keep their edges
LABEL_INCHES = 1.35
FRAME = (160, 167, 176)
_SHORT_NAMES = {
    "perceptron": "Perceptron",
    "logistic_regression": "Logistic",
    "torch_logistic_regression": "PyTorch",
}


def _class_examples(context: Context) -> Drawing:
    """The first training images of each class."""
    labels = context.prepared.train_labels
    names = context.class_names
    columns = 8 if len(names) <= 5 else 10
    chosen = [np.flatnonzero(labels == index)[:columns] for index in range(len(names))]
    shape = tuple(context.prepared.summary["image_shape"])
    rows = [
        [_opaque(context.prepared.train_images[index].reshape(shape)) for index in indices]
        for indices in chosen
    ]
    counts = np.bincount(labels, minlength=len(names))
    shares = [f"{count:,} images, {count / len(labels):.0%}" for count in counts]
    fig = _picture_grid(rows, list(zip(names, shares, strict=True)), columns)
    pixels = f"{shape[0]} x {shape[1]} pixels" + (", in colour" if len(shape) == 3 else ", grey")
    told = "; ".join(f"{name}: {share}" for name, share in zip(names, shares, strict=True))
    return Drawing(
        figure=fig,
        title="The classes: first training images of each",
        caption=f"The first {columns} training images of each class, in file order, not selected; {pixels}. "
        "Beside the names: how many training images are of the class.",
        alt=f"A grid of images, one row for each of {len(names)} classes. {told}.",
        data={
            "class": [name for name, indices in zip(names, chosen, strict=True) for _ in indices],
            "training_image": [int(index) for indices in chosen for index in indices],
        },
        sources=[
            (paths.prepared(context.dataset) / file).as_posix()
            for file in ("train_images.npy", "train_labels.npy", "summary.json")
        ],
    )


def _learned_weights(context: Context) -> Drawing:
    """The weights of every linear model, one picture for each class."""
    records = [record for record in context.records.values() if record.linear_weights is not None]
    if not records:
        raise OmittedFigureError("no linear model is among the runs")
    shape = tuple(context.prepared.summary["image_shape"])
    weights = [_as_images(record, shape) for record in records]
    limits = [float(np.abs(images).max()) for images in weights]
    pictures = [
        [_diverging(image, limit) for image in images] for images, limit in zip(weights, limits, strict=True)
    ]
    names = context.class_names
    scales = [f"±{limit:.2g}" for limit in limits]
    if len(names) <= len(records):
        heads = [
            f"{_SHORT_NAMES[r.experiment['model']]}\n{_rate(r)}{s}"
            for r, s in zip(records, scales, strict=True)
        ]
        by_class = [list(row) for row in zip(*pictures, strict=True)]
        fig = _picture_grid(by_class, [(name, "") for name in names], max(len(records), 6), heads)
    else:
        labels = [(run_label(record), scale) for record, scale in zip(records, scales, strict=True)]
        fig = _picture_grid(
            pictures, labels, max(len(names), 6), [f"{index} {name}" for index, name in enumerate(names)]
        )
    channels = " For colour images, the mean over the channels." if len(shape) == 3 else ""
    return Drawing(
        figure=fig,
        title="Learned weights of the linear models, laid out as images",
        caption="Blue: a brighter pixel speaks for the class; orange: against it; white: zero. Each model "
        "has a scale of its own, from minus to plus the number beside its name (weight per unit of "
        "brightness)." + channels,
        alt=f"A grid of weight images, one for each of {len(records)} linear models and {len(names)} "
        "classes. Largest absolute weight: "
        + "; ".join(f"{run_label(record)} {limit:.3g}" for record, limit in zip(records, limits, strict=True))
        + ".",
        data=_weights_table(records, weights, names),
        sources=context.sources(records)[::2],
    )


def _rate(record: RunRecord) -> str:
    return f"{setting(record, 'learning_rate')}\n" if "learning_rate" in record.experiment else ""


def _as_images(record: RunRecord, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Weights of shape (classes, height, width); colour channels are averaged."""
    weights = np.asarray(record.linear_weights, dtype=np.float64)
    images = np.nan_to_num(weights).reshape(len(weights), *shape)
    return images.mean(axis=3) if len(shape) == 3 else images


def _diverging(image: NDArray[np.float64], limit: float) -> NDArray[np.uint8]:
    """Orange through white to blue for -limit through 0 to +limit, as opaque pixels."""
    strength = np.clip(image / (limit or 1.0), -1, 1)[..., None]
    blue, orange = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in PALETTE[:2])
    colour = np.where(strength > 0, blue, orange)
    mixed = 255 + np.abs(strength) ** 0.8 * (colour - 255.0)
    return _opaque(np.rint(mixed).astype(np.uint8))


def _opaque(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey (h, w) or colour (h, w, 3) pixels as RGBA."""
    colour = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
    return np.concatenate([colour, np.full((*colour.shape[:2], 1), 255, dtype=np.uint8)], axis=2)


def _picture_grid(
    rows: list[list[NDArray[np.uint8]]],
    labels: list[tuple[str, str]],
    columns: int,
    heads: list[str] | None = None,
) -> Figure:
    """Rows of small RGBA images, a name and a detail left of each row, a head above each column."""
    from octrepro.plotting.style import panels

    height, width = rows[0][0].shape[:2]
    strip = np.zeros((len(rows) * (height + GAP) - GAP, columns * (width + GAP) - GAP, 4), dtype=np.uint8)
    for row, images in enumerate(rows):
        for column, image in enumerate(images):
            y, x = row * (height + GAP), column * (width + GAP)
            strip[y : y + height, x : x + width] = image
    inches = WIDTHS["text"] - LABEL_INCHES - 0.05
    top = 0.05 if heads is None else 0.48 if any("\n" in head for head in heads) else 0.34
    tall = inches * strip.shape[0] / strip.shape[1]
    fig, (ax,) = panels(1, 1, "text", tall + top + 0.05, left=LABEL_INCHES, right=0.05, top=top, bottom=0.05)
    ax.set_axis_off()
    enlarged = strip.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
    for row, images in enumerate(rows):
        for column in range(len(images)):
            y, x = row * (height + GAP) * ENLARGED, column * (width + GAP) * ENLARGED
            _outline(enlarged[y : y + height * ENLARGED, x : x + width * ENLARGED])
    ax.imshow(enlarged, interpolation="none", extent=(0, strip.shape[1], strip.shape[0], 0), aspect="auto")
    room = inches / columns * 72
    for column, head in enumerate(heads or []):
        lines = head.split("\n") if "\n" in head else wrapped(head, int(room / (0.6 * SMALL_SIZE)), 2)
        ax.annotate(
            "\n".join(lines),
            (column * (width + GAP) + width / 2, 0),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL_SIZE,
            annotation_clip=False,
        )
    for row, (name, detail) in enumerate(labels):
        _row_label(ax, row * (height + GAP) + height / 2, name, detail, lines=2 if len(labels) > 7 else 3)
    return fig


def _outline(picture: NDArray[np.uint8]) -> None:
    """Draw a frame into `picture`, since images may be white at the edge and so may the page."""
    for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
        edge[..., :3] = FRAME


def _row_label(ax: Any, y: float, name: str, detail: str, lines: int) -> None:
    name_lines = wrapped(name, 20, lines)
    text = [*name_lines, detail] if detail else name_lines
    for index, line in enumerate(text):
        ax.annotate(
            line,
            (0, y),
            xytext=(-LABEL_INCHES * 72 + 2, ((len(text) - 1) / 2 - index) * 1.25 * SMALL_SIZE),
            textcoords="offset points",
            va="center_baseline",
            fontsize=SMALL_SIZE,
            color=MUTED if index == len(name_lines) else None,
            annotation_clip=False,
        )


def _weights_table(
    records: list[RunRecord], weights: list[NDArray[np.float64]], names: list[str]
) -> dict[str, list[Any]]:
    """One row for each run and class, one column for each pixel, to six digits."""
    table: dict[str, list[Any]] = {
        "run": [record.run for record in records for _ in names],
        "class": [name for _ in records for name in names],
    }
    flat = np.concatenate([images.reshape(len(images), -1) for images in weights])
    width = weights[0].shape[2]
    for pixel in range(flat.shape[1]):
        column = [float(f"{value:.6g}") for value in flat[:, pixel]]
        table[f"row{pixel // width}_column{pixel % width}"] = column
    return table


FIGURES = [
    FigureSpec("class_examples", None, _class_examples),
    FigureSpec("learned_weights", None, _learned_weights),
]
