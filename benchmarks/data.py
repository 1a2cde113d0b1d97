"""Data of OCTMNIST's shape to measure on: noise with a faint pattern for each class."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.core.files import write_json

OCTMNIST = {"train": 97_477, "val": 10_832, "test": 1_000}
CLASSES = 4
FEATURES = 784
_AT_ONCE = 4096


def write_data(folder: Path, size: Fraction, seed: int = 0) -> None:
    """Write a prepared data set of `size` times OCTMNIST's number of images to `folder`."""
    folder.mkdir(parents=True)
    generator = np.random.default_rng(seed)
    patterns = generator.integers(0, 60, (CLASSES, FEATURES), dtype=np.uint8)
    for split, full in OCTMNIST.items():
        count = max(CLASSES, round(full * size))
        labels = generator.integers(0, CLASSES, count)
        images = np.lib.format.open_memmap(
            folder / f"{split}_images.npy", "w+", dtype=np.uint8, shape=(count, FEATURES)
        )
        for start in range(0, count, _AT_ONCE):
            part = labels[start : start + _AT_ONCE]
            images[start : start + _AT_ONCE] = _draw(generator, patterns, part)
        images.flush()
        np.save(folder / f"{split}_labels.npy", labels)
    np.save(folder / "test_indices.npy", np.arange(count))
    summary: dict[str, Any] = {"classes": [f"class {number}" for number in range(CLASSES)]}
    write_json(folder / "summary.json", summary)


def _draw(
    generator: np.random.Generator, patterns: NDArray[np.uint8], labels: NDArray[np.int64]
) -> NDArray[np.uint8]:
    noise = generator.integers(0, 196, (len(labels), FEATURES), dtype=np.uint8)
    return noise + patterns[labels]
