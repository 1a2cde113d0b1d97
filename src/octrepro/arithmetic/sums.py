"""Sums of floating-point numbers, each in one written order."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled, fma

# Partial sums of an inner product. They are neighbors in memory, so that vectors of any size hold them.
_PARTIAL_SUMS = 64


@compiled
def inner_products(rows: NDArray[np.float64], x: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Write the inner product of each row, shape (m, n), with `x`, shape (n,), to `out`, shape (m,).

    Term j goes to partial sum j mod 64 by a fused multiply-add; then the upper half of the partial sums is
    added to the lower half, until one is left.
    """
    partial = np.empty(_PARTIAL_SUMS)
    for r in range(rows.shape[0]):
        partial[:] = 0.0
        for start in range(0, x.size, _PARTIAL_SUMS):
            a, b = rows[r, start : start + _PARTIAL_SUMS], x[start : start + _PARTIAL_SUMS]
            for j in range(b.size):
                partial[j] = fma(a[j], b[j], partial[j])
        half = _PARTIAL_SUMS // 2
        while half > 0:
            for j in range(half):
                partial[j] += partial[j + half]
            half //= 2
        out[r] = partial[0]


@compiled
def add_multiple(target: NDArray[Any], factor: Any, x: NDArray[Any]) -> None:
    """Add factor x to `target`, both of shape (n,), by fused multiply-adds."""
    for j in range(target.size):
        target[j] = fma(factor, x[j], target[j])


@compiled
def column_sums(matrix: NDArray[Any]) -> NDArray[Any]:
    """The sum of each column, shape (n,), from the first row, of which there must be one, to the last."""
    sums: NDArray[Any] = matrix[0].copy()
    for i in range(1, matrix.shape[0]):
        row = matrix[i]
        for j in range(sums.size):
            sums[j] += row[j]
    return sums
