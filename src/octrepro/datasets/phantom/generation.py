"""Make the three splits of the phantom."""

import numpy as np
from numpy.typing import NDArray

from octrepro.core.progress import progress
from octrepro.datasets.phantom.anatomy import draw_anatomy
from octrepro.datasets.phantom.portable import Stream
from octrepro.datasets.phantom.scan import FACTOR, SIDE, render, shrink

CLASS_SHARES = (33484, 10213, 7754, 46026)
"""Images of each class in OCTMNIST's training set: the proportions of the phantom's training and validation
sets. Its test set has as many of each class, as OCTMNIST's has."""

_AT_ONCE = 50
"""Scans drawn together: few enough that the arrays stay in the processor's cache."""


def generate(seed: int, train: int, val: int, test: int) -> dict[str, NDArray[np.uint8]]:
    """Draw the phantom with so many scans in each split; other seeds give other scans of the same kind.

    Gives ``<split>_images`` of shape (n, 28, 28) and ``<split>_labels`` of shape (n, 1), the same everywhere.
    """
    arrays: dict[str, NDArray[np.uint8]] = {}
    for number, (split, count) in enumerate({"train": train, "val": val, "test": test}.items()):
        labels = _labels(Stream(seed, number, 0), count, (1, 1, 1, 1) if split == "test" else CLASS_SHARES)
        anatomy = draw_anatomy(Stream(seed, number, 1), labels, SIDE * FACTOR)
        noise = Stream(seed, number, 2)
        images = np.empty((count, SIDE, SIDE), np.uint8)
        starts = range(0, count, _AT_ONCE)
        for start in progress(starts, len(starts), f"draw {split} scans", "batch"):
            rows = slice(start, start + _AT_ONCE)
            images[rows] = shrink(render(anatomy.part(rows), noise))
        arrays[f"{split}_images"] = images
        arrays[f"{split}_labels"] = labels.astype(np.uint8)[:, None]
    return arrays


def _labels(stream: Stream, count: int, shares: tuple[int, ...]) -> NDArray[np.int64]:
    """Draw classes in exact proportion (largest remainders get the odd ones), in random order."""
    total = sum(shares)
    counts = [count * share // total for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda c: -(count * shares[c] % total))
    for c in by_remainder[: count - sum(counts)]:
        counts[c] += 1
    return np.repeat(np.arange(len(shares)), counts)[stream.permutation(count)]
