"""Data sets to compare on: random ones of awkward sizes, and real or drawn pictures where they are at
hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from octrepro.core.prepared import Prepared
from octrepro.datasets.phantom import generate

PNEUMONIA = Path(__file__).parents[3] / "shared" / "data" / "pneumoniamnist.npz"


def random_data(n: int, features: int, classes: int, seed: int = 0, val: int = 37) -> Prepared:
    """Noise with a faint pattern per class, so that there is something to learn but not all of it."""
    rng = np.random.default_rng(seed)
    patterns = rng.normal(size=(classes, features))

    def split(size: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        labels = rng.integers(0, classes, size)
        pixels = 110 + 60 * rng.normal(size=(size, features)) + 12 * patterns[labels]
        return pixels.clip(0, 255).astype(np.uint8), labels

    return assemble(split(n), split(val), split(val), classes)


def assemble(
    train: tuple[NDArray[np.uint8], NDArray[np.int64]],
    val: tuple[NDArray[np.uint8], NDArray[np.int64]],
    test: tuple[NDArray[np.uint8], NDArray[np.int64]],
    classes: int,
) -> Prepared:
    return Prepared(
        *train,
        *val,
        *test,
        test_indices=np.arange(len(test[1])),
        summary={"classes": [f"class {c}" for c in range(classes)]},
    )


def pneumonia(train: int = 1000, val: int = 200) -> Prepared:
    """Chest X-rays of two classes; the test is skipped where the file is not at hand."""
    if not PNEUMONIA.exists():
        pytest.skip("pneumoniamnist.npz is not beside the project")
    with np.load(PNEUMONIA, allow_pickle=False) as file:
        splits = [
            (
                file[f"{name}_images"][:size].reshape(-1, 784),
                file[f"{name}_labels"][:size].reshape(-1).astype(np.int64),
            )
            for name, size in (("train", train), ("val", val), ("test", val))
        ]
    return assemble(splits[0], splits[1], splits[2], 2)


def phantom(train: int = 400, val: int = 150) -> Prepared:
    """A small drawing of the embedded data set."""
    arrays = generate(seed=7, train=train, val=val, test=40)
    splits = [
        (arrays[f"{name}_images"].reshape(-1, 784), arrays[f"{name}_labels"].reshape(-1).astype(np.int64))
        for name in ("train", "val", "test")
    ]
    return assemble(splits[0], splits[1], splits[2], 4)
