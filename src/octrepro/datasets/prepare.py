"""Turn a fetched .npz into arrays that can be memory-mapped, and a summary of what they hold."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.core import UserError
from octrepro.core.files import atomic_directory, write_json
from octrepro.datasets.describe import Description
from octrepro.datasets.npz import SPLITS, MedmnistFile

RGB_NOTE = (
    "The images are in color: each is flattened row by row, the three values (red, green, blue) of a pixel "
    "side by side."
)


def prepare(dataset: str, raw: Path, folder: Path, description: Description) -> None:
    """Check a raw file and write data/prepared/<dataset>/.

    Images are uint8 of shape (n, features), pixels row-major and channels last; labels int64 of shape (n,);
    test_indices.npy names the test images that the protocol uses, in its order. One array is in memory at a
    time.

    Parameters
    ----------
    dataset : str
        The data set's key in params.yaml.
    raw : Path
        The .npz to read.
    folder : Path
        The folder to write, replaced as a whole.
    description : Description
        What summary.json says beyond the counts.

    Raises
    ------
    UserError
        When the file is damaged or not in MedMNIST's format, or the test set has too few images of a class.
    """
    source = MedmnistFile(raw)
    classes = source.check(len(description.classes) if description.classes else None)
    labels = {split: source.labels(split, classes) for split in SPLITS}
    indices = protocol_indices(dataset, labels["test"], classes, description.test_per_class)
    with raw.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    summary = _summary(dataset, source, labels, len(indices), description, sha256)
    with atomic_directory(folder) as temporary:
        for split in SPLITS:
            np.save(temporary / f"{split}_images.npy", source.images(split), allow_pickle=False)
            np.save(temporary / f"{split}_labels.npy", labels[split], allow_pickle=False)
        np.save(temporary / "test_indices.npy", indices, allow_pickle=False)
        write_json(temporary / "summary.json", summary)


def protocol_indices(
    dataset: str, labels: NDArray[np.int64], classes: int, per_class: Sequence[int] | None
) -> NDArray[np.int64]:
    """Choose the protocol's test images: the first ones of each class, concatenated in class order.

    Parameters
    ----------
    dataset : str
        Named in messages.
    labels : NDArray[np.int64]
        Shape (n,), labels of the test set.
    classes : int
        Number of classes.
    per_class : sequence of int, optional
        How many of each class; all images in their own order where it is None.

    Returns
    -------
    NDArray[np.int64]
        Shape (m,), positions in the test set.

    Raises
    ------
    UserError
        When there is not one number for each class, or a class has too few images.
    """
    if per_class is None:
        return np.arange(len(labels), dtype=np.int64)
    parameter = f"datasets.{dataset}.test_per_class"
    if len(per_class) != classes:
        raise UserError(
            f"{parameter} has {len(per_class)} numbers",
            expected=f"{classes}, one for each class of the data set",
        )
    chosen = [np.flatnonzero(labels == c)[:wanted] for c, wanted in enumerate(per_class)]
    for c, (found, wanted) in enumerate(zip(chosen, per_class, strict=True)):
        if len(found) < wanted:
            raise UserError(
                f"{parameter} asks for {wanted} test images of class {c}",
                expected=f"at most {len(found)}, which is what the test set has",
            )
    return np.concatenate(chosen).astype(np.int64)


def _summary(
    dataset: str,
    source: MedmnistFile,
    labels: dict[str, NDArray[np.int64]],
    test_used: int,
    description: Description,
    sha256: str,
) -> dict[str, Any]:
    """Say what the data set holds, for every later stage."""
    classes = int(labels["train"].max()) + 1
    rgb = len(source.image_shape) == 3
    return {
        "dataset": dataset,
        "title": description.title,
        "source": description.source,
        "synthetic": description.synthetic,
        "image_shape": source.image_shape,
        "features": math.prod(source.image_shape),
        "classes": list(description.classes or map(str, range(classes))),
        "samples": source.samples,
        "class_counts": {split: np.bincount(labels[split], minlength=classes) for split in SPLITS},
        "test_subset": description.test_per_class,
        "test_used": test_used,
        "sha256": sha256,
        "license": description.license,
        "citation": description.citation,
        "url": description.url,
        "note": " ".join(part for part in (description.note, RGB_NOTE if rgb else "") if part),
    }
