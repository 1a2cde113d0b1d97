"""Turn a fetched .npz into arrays that can be memory-mapped, and a summary of what they hold."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pooch
from numpy.typing import NDArray

from octrepro.config.sources import Dataset, File
from octrepro.core import UserError
from octrepro.core.files import atomic_directory, write_json
from octrepro.datasets.npz import SPLITS, MedmnistFile
from octrepro.datasets.registry import describe

RGB_NOTE = (
    "The images are in color: each is flattened row by row, the three values (red, green, blue) of a pixel "
    "side by side."
)


def prepare(dataset: str, settings: Dataset, raw: Path, folder: Path) -> None:
    """Check a raw file and write the folder data/prepared/<dataset>/, replaced as a whole.

    Images are uint8 of shape (n, features), pixels row-major and channels last; labels int64 of shape (n,);
    test_indices.npy names the test images that the protocol uses, in its order. One array is in memory at a
    time. Raises `UserError` when the file is not in MedMNIST's format, or a class has too few test images.
    """
    about = describe(dataset, settings)
    source = MedmnistFile(raw, f"{settings.path} (in {raw})" if isinstance(settings, File) else "")
    labels = source.labels(len(about.classes) if about.classes else None)
    classes = int(labels["train"].max()) + 1
    indices = protocol_indices(dataset, labels["test"], classes, about.test_per_class)
    summary = {
        "dataset": dataset,
        "title": about.title,
        "source": settings.source,
        "synthetic": settings.source == "phantom",
        "image_shape": source.image_shape,
        "features": math.prod(source.image_shape),
        "classes": list(about.classes or map(str, range(classes))),
        "samples": {split: len(labels[split]) for split in SPLITS},
        "class_counts": {split: np.bincount(labels[split], minlength=classes) for split in SPLITS},
        "test_subset": about.test_per_class,
        "test_used": len(indices),
        "sha256": pooch.file_hash(raw),
        "license": about.license,
        "citation": about.citation,
        "url": about.url,
        "note": f"{about.note} {RGB_NOTE}".strip() if len(source.image_shape) == 3 else about.note,
    }
    with atomic_directory(folder) as temporary:
        for split in SPLITS:
            np.save(temporary / f"{split}_images.npy", source.images(split), allow_pickle=False)
            np.save(temporary / f"{split}_labels.npy", labels[split], allow_pickle=False)
        np.save(temporary / "test_indices.npy", indices, allow_pickle=False)
        write_json(temporary / "summary.json", summary)


def protocol_indices(
    dataset: str, labels: NDArray[np.int64], classes: int, per_class: Sequence[int] | None
) -> NDArray[np.int64]:
    """Positions of the protocol's test images: the first ones of each class, concatenated in class order.

    `per_class` says how many of each; without it, all images in their own order. Raises `UserError` when that
    is not one number for each class, or a class has too few images.
    """
    if per_class is None:
        return np.arange(len(labels), dtype=np.int64)
    present = np.bincount(labels, minlength=classes)
    if len(per_class) != classes or np.any(present < per_class):
        raise UserError(
            f"datasets.{dataset}.test_per_class is {list(per_class)}",
            expected=f"{classes} numbers, one for each class, at most {present.tolist()}: the test images",
        )
    chosen = [np.flatnonzero(labels == c)[:wanted] for c, wanted in enumerate(per_class)]
    return np.concatenate(chosen).astype(np.int64)
