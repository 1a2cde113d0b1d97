"""Data of OCTMNIST's shape to measure on: noise with a faint pattern for each class."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from octrepro.core.files import write_json

OCTMNIST = {"train": 97_477, "val": 10_832, "test": 1_000}
CLASSES = 4
FEATURES = 784


def write_data(folder: Path, size: Fraction) -> None:
    """Write a prepared data set of `size` times OCTMNIST's number of images to `folder`."""
    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    patterns = generator.integers(0, 60, (CLASSES, FEATURES), dtype=np.uint8)
    for split, full in OCTMNIST.items():
        count = max(CLASSES, round(full * size))
        labels = generator.integers(0, CLASSES, count)
        images = generator.integers(0, 196, (count, FEATURES), dtype=np.uint8) + patterns[labels]
        np.save(folder / f"{split}_images.npy", images)
        np.save(folder / f"{split}_labels.npy", labels)
    np.save(folder / "test_indices.npy", np.arange(count))
    write_json(folder / "summary.json", {"classes": [f"class {number}" for number in range(CLASSES)]})
