"""Small data sets for the tests."""

import io
import zipfile
from collections.abc import Mapping
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


def save(
    path: Path, arrays: Mapping[str, NDArray[np.generic] | bytes], packing: int = zipfile.ZIP_STORED
) -> Path:
    """Write an .npz of arrays, or of bytes in an array's place, without refusing anything."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO(array if isinstance(array, bytes) else b"")
            if not isinstance(array, bytes):
                np.save(buffer, array)
            archive.writestr(f"{name}.npy", buffer.getvalue())
    return path
