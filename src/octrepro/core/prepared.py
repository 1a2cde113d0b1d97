"""The prepared data set, as every later stage sees it: memory-mapped arrays and a summary."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.core import paths
from octrepro.core.errors import UserError
from octrepro.core.files import read_json

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Prepared:
    """A prepared data set.

    Attributes
    ----------
    train_images, val_images, test_images
        uint8, shape (n, features), memory-mapped; pixels row-major, channels last.
    train_labels, val_labels, test_labels
        int64, shape (n,).
    test_indices
        int64, shape (m,): the test images the protocol uses, in its order; all of them where it has no rule.
    summary
        What summary.json says: names, counts, source, license.
    """

    train_images: Images
    train_labels: Labels
    val_images: Images
    val_labels: Labels
    test_images: Images
    test_labels: Labels
    test_indices: Labels
    summary: dict[str, Any]

    @classmethod
    def load(cls, dataset: str) -> Prepared:
        """Open data/prepared/<dataset>/.

        Raises
        ------
        UserError
            When a file is missing or unreadable.
        """
        return cls.open(paths.prepared(dataset))

    @classmethod
    def open(cls, folder: Path) -> Prepared:
        """Open a folder with the files of a prepared data set.

        Raises
        ------
        UserError
            When a file is missing or unreadable.
        """
        arrays = {
            f"{split}_{kind}": _open(folder / f"{split}_{kind}.npy", mapped=kind == "images")
            for split in ("train", "val", "test")
            for kind in ("images", "labels")
        }
        return cls(
            **arrays,
            test_indices=_open(folder / "test_indices.npy", mapped=False),
            summary=read_json(folder / "summary.json"),
        )

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.summary["classes"])

    @property
    def features(self) -> int:
        """Number of pixels, all channels counted."""
        return int(self.train_images.shape[1])


def _open(path: Path, *, mapped: bool) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
        return array
    except (OSError, ValueError) as error:
        raise UserError(
            f"cannot read {path}: {error}", hint="run 'dvc repro' to prepare the data set anew"
        ) from None
