"""The prepared data set, as every later stage sees it: memory-mapped arrays and a summary."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

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

    Images have shape (n, features), pixels row-major, channels last, and are memory-mapped; labels have shape
    (n,). `test_indices`, shape (m,), are the test images that the protocol uses, in its order; all of them
    where it has no rule. `summary` is what summary.json says: names, counts, source, license.
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
    def load(cls, dataset: str) -> Self:
        """Open data/prepared/<dataset>/; raises `UserError` when a file is missing or unreadable."""
        return cls.open(paths.prepared(dataset))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a folder with the files of a prepared data set, as `load` does."""
        names = [f"{split}_{kind}" for split in ("train", "val", "test") for kind in ("images", "labels")]
        arrays = {name: _open(folder / f"{name}.npy") for name in (*names, "test_indices")}
        return cls(**arrays, summary=read_json(folder / "summary.json"))

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.summary["classes"])

    @property
    def features(self) -> int:
        """Number of pixels, all channels counted."""
        return int(self.train_images.shape[1])


def _open(path: Path) -> NDArray[Any]:
    mapped = path.stem.endswith("_images")
    try:
        # Plain arrays: compiled loops take longer to recognize NumPy's type for memory-mapped ones.
        return np.asarray(np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False))
    except (OSError, ValueError) as error:
        raise UserError(
            f"cannot read {path}: {error}", hint="run 'dvc repro' to prepare the data set anew"
        ) from None
