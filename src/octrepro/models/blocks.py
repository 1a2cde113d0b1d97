"""Blocks of samples in the epoch's order, gathered from memory-mapped pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.models.compiled import compiled
from octrepro.models.instructions import PARTIAL_SUMS
from octrepro.models.sample_loops import AHEAD, add_multiple, fetch_ahead, row_sums

_SCALE = 1.0 / 256.0

# Rows whose inner products are taken together, which changes no sum.
_ROWS = 4
_row_sums = row_sums(_ROWS, 1)


@compiled
def gather(images: NDArray[np.uint8], chosen: NDArray[np.int64], features: NDArray[np.floating[Any]]) -> None:
    """Write pixel / 256 of the images `chosen`, shape (k,), to the first k rows of `features`."""
    for row in range(chosen.size):
        fetch_ahead(images, chosen[min(row + AHEAD, chosen.size - 1)])
        _scale_one(images[chosen[row]], features[row])


@compiled
def scale(images: NDArray[np.uint8], features: NDArray[np.floating[Any]]) -> None:
    """Write pixel / 256 of all images to `features`, of the same shape."""
    for row in range(images.shape[0]):
        _scale_one(images[row], features[row])


@compiled
def _scale_one(pixels: NDArray[np.uint8], features: NDArray[np.floating[Any]]) -> None:
    factor = features.dtype.type(_SCALE)
    for j in range(pixels.size):
        features[j] = features.dtype.type(pixels[j]) * factor


@compiled
def products(rows: NDArray[np.float64], x: NDArray[np.float64], results: NDArray[np.float64]) -> None:
    """Write the inner product of each row, shape (m, n), with `x`, shape (n,), to `results`, shape (m,).

    Each is summed in eight partial sums, element j in sum j mod 8, but for the elements after the last full
    eight, which are added at the end: always the same order, whatever the processor. Rows and `x` must be
    contiguous.
    """
    full = x.size // PARTIAL_SUMS * PARTIAL_SUMS
    if full > 0:
        for first in range(0, rows.shape[0], _ROWS):
            _row_sums(rows, first, x.reshape(1, -1), full, results.reshape(1, -1))
    else:
        results[:] = 0.0
    for r in range(rows.shape[0]):
        for j in range(full, x.size):
            results[r] += rows[r, j] * x[j]


@compiled
def add_to(target: NDArray[np.float64], factor: float, x: NDArray[np.float64]) -> None:
    """Add factor x to `target`: fused multiply-adds, but for the elements after the last full eight."""
    full = x.size // PARTIAL_SUMS * PARTIAL_SUMS
    add_multiple(target, factor, x, full)
    for j in range(full, x.size):
        target[j] += factor * x[j]
