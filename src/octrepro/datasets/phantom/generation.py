"""Make the three splits of the phantom."""

from collections.abc import Callable, Iterable
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from octrepro.datasets.phantom.anatomy import draw_anatomy
from octrepro.datasets.phantom.randomness import Stream
from octrepro.datasets.phantom.scan import FACTOR, SIDE, render, shrink

CLASS_SHARES = (33484, 10213, 7754, 46026)
"""Images of each class in OCTMNIST's training set: the proportions of the phantom's training and validation
sets. Its test set has as many of each class, as OCTMNIST's has."""

_AT_ONCE = 50
"""Scans drawn together: few enough that the arrays stay in the processor's cache."""

Ticker = Callable[[Iterable[int], int], Iterable[int]]


def generate(
    seed: int, train: int, val: int, test: int, ticker: Ticker | None = None
) -> dict[str, NDArray[np.uint8]]:
    """Draw the phantom.

    Parameters
    ----------
    seed : int
        Any non-negative integer; other seeds give other scans of the same kind.
    train, val, test : int
        Number of scans in each split.
    ticker : callable, optional
        Wraps the iteration over batches of scans (first argument; the second is how many), to show progress.

    Returns
    -------
    dict[str, NDArray[np.uint8]]
        ``<split>_images`` of shape (n, 28, 28) and ``<split>_labels`` of shape (n, 1), the same everywhere.
    """
    counts = {"train": train, "val": val, "test": test}
    arrays: dict[str, NDArray[np.uint8]] = {}
    batches = _batches(*counts.values())
    ticks = iter(ticker(range(batches), batches) if ticker else repeat(0, batches))
    for number, (split, count) in enumerate(counts.items()):
        shares = (1, 1, 1, 1) if split == "test" else CLASS_SHARES
        labels = _labels(Stream(seed, number, 0), count, shares)
        anatomy = draw_anatomy(Stream(seed, number, 1), labels, SIDE * FACTOR)
        noise = Stream(seed, number, 2)
        images = np.empty((count, SIDE, SIDE), np.uint8)
        for start in range(0, count, _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            images[rows] = shrink(render(anatomy.part(rows), noise))
            next(ticks)
        arrays[f"{split}_images"] = images
        arrays[f"{split}_labels"] = labels.astype(np.uint8)[:, None]
    next(ticks, None)
    return arrays


def _batches(*counts: int) -> int:
    """Number of batches that these splits take."""
    return sum(-(-count // _AT_ONCE) for count in counts)


def _labels(stream: Stream, count: int, shares: tuple[int, ...]) -> NDArray[np.int64]:
    """Draw classes in exact proportion (largest remainders get the odd ones), in random order."""
    total = sum(shares)
    counts = [count * share // total for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda c: -(count * shares[c] % total))
    for c in by_remainder[: count - sum(counts)]:
        counts[c] += 1
    return np.repeat(np.arange(len(shares)), counts)[stream.permutation(count)]
