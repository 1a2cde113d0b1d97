"""Small data sets for the tests."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.generic]]


def small_set(*, channels: int = 1, counts: tuple[int, int, int] = (30, 9, 12)) -> Arrays:
    """A data set of three classes in MedMNIST's format, random images, labels in turn."""
    generator = np.random.default_rng(5)
    shape = (28, 28) if channels == 1 else (28, 28, channels)
    arrays: Arrays = {}
    for split, count in zip(("train", "val", "test"), counts, strict=True):
        arrays[f"{split}_images"] = generator.integers(0, 256, (count, *shape), dtype=np.uint8)
        arrays[f"{split}_labels"] = (np.arange(count, dtype=np.uint8) % 3)[:, None]
    return arrays


def save(path: Path, arrays: Arrays) -> Path:
    """Write as `numpy.savez_compressed` does, without refusing anything."""
    np.savez_compressed(path, allow_pickle=True, **arrays)
    return path


def npy(array: NDArray[np.generic]) -> bytes:
    """The bytes of an .npy."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()
