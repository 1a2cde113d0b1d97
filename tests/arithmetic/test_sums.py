"""Fused multiply-adds, and sums made of them, against exact arithmetic."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled, fma
from octrepro.arithmetic.sums import add_multiple, column_sums, inner_products


def rounded(value: Fraction, dtype: type) -> Any:
    """The number of `dtype` nearest to `value`, an even last digit among equals."""
    near = dtype(float(value))  # for float32 rounded twice, so that a neighbor may be nearer
    candidates = (near, *(np.nextafter(near, dtype(end)) for end in (-np.inf, np.inf)))
    return min(candidates, key=lambda number: abs(Fraction(float(number)) - value))


def chain(a: NDArray[Any], b: NDArray[Any], dtype: type = np.float64, start: Any = 0.0) -> Any:
    """start + a[0] b[0] + a[1] b[1] + ..., each product and sum rounded together, once."""
    total = dtype(start)
    for x, y in zip(a.tolist(), b.tolist(), strict=True):
        total = rounded(Fraction(x) * Fraction(y) + Fraction(float(total)), dtype)
    return total


@compiled
def fused(a, b, c):  # type: ignore[no-untyped-def]
    return fma(a, b, c)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fma_rounds_once(dtype: type) -> None:
    a, b, c = np.random.default_rng(1).normal(size=(3, 500)).astype(dtype)
    # Cancellation shows what a rounded product has lost.
    for addend in (c, -a * b):
        for i in range(500):
            assert fused(a[i], b[i], addend[i]) == chain(a[i : i + 1], b[i : i + 1], dtype, addend[i])


@pytest.mark.parametrize("size", [1, 63, 64, 200, 785])
def test_inner_products_follow_the_documented_order(size: int) -> None:
    rng = np.random.default_rng(size)
    matrix, x = rng.normal(size=(3, size)), rng.normal(size=size)
    results = np.empty(3)
    inner_products(matrix, x, results)
    for row, got in zip(matrix, results, strict=True):
        partial = [float(chain(row[j::64], x[j::64])) for j in range(64)]
        while len(partial) > 1:
            half = len(partial) // 2
            partial = [partial[j] + partial[j + half] for j in range(half)]
        assert got == partial[0]


@pytest.mark.parametrize("size", [1, 8, 21])
def test_add_multiple_rounds_once(size: int) -> None:
    rng = np.random.default_rng(size)
    target, x, factor = rng.normal(size=size), rng.normal(size=size), rng.normal()
    expected = [chain(np.array([factor]), x[j : j + 1], start=target[j]) for j in range(size)]
    add_multiple(target, factor, x)
    assert target.tolist() == expected


def test_column_sums_go_from_first_row_to_last() -> None:
    matrix = np.random.default_rng(0).normal(size=(37, 13)).astype(np.float32)
    expected = matrix[0].copy()
    for row in matrix[1:]:
        expected += row
    assert column_sums(matrix).tobytes() == expected.tobytes()
    assert np.signbit(column_sums(np.array([[-0.0], [-0.0]])))[0]
