"""Small data sets for the tests."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.generic]]


def small_set(*, channels: int = 1) -> Arrays:
    """A data set of three classes in MedMNIST's format, random images, labels in turn."""
    generator = np.random.default_rng(5)
    shape = (28, 28) if channels == 1 else (28, 28, channels)
    arrays: Arrays = {}
    for split, count in zip(("train", "val", "test"), (30, 9, 12), strict=True):
        arrays[f"{split}_images"] = generator.integers(0, 256, (count, *shape), dtype=np.uint8)
        arrays[f"{split}_labels"] = (np.arange(count, dtype=np.uint8) % 3)[:, None]
    return arrays


def save(path: Path, arrays: Arrays, packing: int = zipfile.ZIP_STORED) -> Path:
    """Write an .npz without refusing anything."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, array in arrays.items():
            # Without the time of day, so that the file and its hash are the same in every run.
            entry = zipfile.ZipInfo(f"{name}.npy")
            entry.compress_type = packing
            with archive.open(entry, "w") as file:
                np.save(file, array)
    return path
