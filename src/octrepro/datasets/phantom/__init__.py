"""The embedded data set: synthetic scans of the retina, in OCTMNIST's format, from a seed.

They are drawn, not photographed: no patient's data enters them, and no conclusion on patients can leave them.

How the likeness was chosen: by eye, beside real scans, and by how known models rank on OCTMNIST, never by a
verdict of the report. Layers vary in depth, tilt and brightness, lesions in place, size and shape; classes
are as frequent as OCTMNIST's, and about one scan in seven does not show what its label says.

One contrast of OCTMNIST is missing: trained on 6,000 images, the MLP from scratch does not beat logistic
regression. On OCTMNIST it sees 16 times as many. Lesions that vary more in place, and less speckle, did not
change that at 6,000 images; with 24,000 of them the MLP was ahead, by 0.584 to 0.552 on the test images.
"""

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
