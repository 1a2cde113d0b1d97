"""Blocks of samples in the epoch's order, gathered from memory-mapped pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from octrepro.models.compiled import compiled

_SCALE = 1.0 / 256.0


@compiled
def gather(images: NDArray[np.uint8], chosen: NDArray[np.int64], features: NDArray[np.float64]) -> None:
    """Write pixel / 256 of the images `chosen`, shape (k,), to the first k rows of `features`."""
    for row in range(chosen.size):
        pixels = images[chosen[row]]
        for j in range(pixels.size):
            features[row, j] = pixels[j] * _SCALE


@compiled
def products(rows: NDArray[np.float64], x: NDArray[np.float64], results: NDArray[np.float64]) -> None:
    """Write the inner product of each row, shape (m, n), with `x`, shape (n,), to `results`, shape (m,).

    Each is summed in eight partial sums: they are independent, so that the processor works on them at once,
    and always the same eight, whatever the processor. Element j belongs to sum j mod 8, but for the elements
    after the last full eight. Two rows are taken together, which changes no sum.
    """
    last = rows.shape[0] - 1
    for first in range(0, last, 2):
        results[first], results[first + 1] = _two_dots(rows[first], rows[first + 1], x)
    if last % 2 == 0:
        results[last], _ = _two_dots(rows[last], rows[last], x)


@compiled
def _two_dots(a: NDArray[np.float64], b: NDArray[np.float64], x: NDArray[np.float64]) -> tuple[float, float]:
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    t0 = t1 = t2 = t3 = t4 = t5 = t6 = t7 = 0.0
    full = x.size // 8 * 8
    for j in range(0, full, 8):
        s0 += a[j] * x[j]
        s1 += a[j + 1] * x[j + 1]
        s2 += a[j + 2] * x[j + 2]
        s3 += a[j + 3] * x[j + 3]
        s4 += a[j + 4] * x[j + 4]
        s5 += a[j + 5] * x[j + 5]
        s6 += a[j + 6] * x[j + 6]
        s7 += a[j + 7] * x[j + 7]
        t0 += b[j] * x[j]
        t1 += b[j + 1] * x[j + 1]
        t2 += b[j + 2] * x[j + 2]
        t3 += b[j + 3] * x[j + 3]
        t4 += b[j + 4] * x[j + 4]
        t5 += b[j + 5] * x[j + 5]
        t6 += b[j + 6] * x[j + 6]
        t7 += b[j + 7] * x[j + 7]
    for j in range(full, x.size):
        s0 += a[j] * x[j]
        t0 += b[j] * x[j]
    return (
        ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7)),
        ((t0 + t4) + (t1 + t5)) + ((t2 + t6) + (t3 + t7)),
    )
