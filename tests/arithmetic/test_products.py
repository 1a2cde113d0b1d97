"""Every element of a product is one chain of fused multiply-adds, whatever the layout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from octrepro.arithmetic.products import multiply, product
from tests.arithmetic.exact import chain

Matrix = NDArray[Any]


def numbers(shape: tuple[int, int], dtype: type, seed: int = 0) -> Matrix:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 300, 5), (13, 7, 70), (2, 520, 33)])
@pytest.mark.parametrize("accumulate", [False, True])
def test_each_element_is_one_chain_of_fma(dtype: type, shape: tuple[int, int, int], accumulate: bool) -> None:
    m, k, n = shape
    a, b, before = numbers((m, k), dtype), numbers((k, n), dtype, 1), numbers((m, n), dtype, 2)
    out = before.copy()
    multiply(a, b, out, accumulate=accumulate)
    for i, j in {(0, 0), (m - 1, n - 1), (m // 2, n // 3)}:
        assert out[i, j] == chain(a[i], b[:, j], dtype, before[i, j] if accumulate else 0.0)


SIZES = st.integers(1, 90)
LAYOUTS = st.sampled_from(["rows", "columns", "strided"])


def laid_out(matrix: Matrix, layout: str) -> Matrix:
    if layout == "columns":
        return np.asfortranarray(matrix)
    if layout == "strided":
        wide = np.full((2 * matrix.shape[0], 3 * matrix.shape[1]), np.nan, dtype=matrix.dtype)
        wide[::2, ::3] = matrix
        return wide[::2, ::3]
    return matrix


@settings(max_examples=150, deadline=None)
@given(
    SIZES, st.integers(1, 600), SIZES, LAYOUTS, LAYOUTS, LAYOUTS, st.sampled_from([np.float32, np.float64]),
    st.booleans(),
)  # fmt: skip
def test_layout_and_size_change_no_bit(
    m: int, k: int, n: int, of_a: str, of_b: str, of_out: str, dtype: type, accumulate: bool
) -> None:
    a, b, before = numbers((m, k), dtype), numbers((k, n), dtype, 1), numbers((m, n), dtype, 2)
    out = laid_out(before.copy(), of_out)
    multiply(laid_out(a, of_a), laid_out(b, of_b), out, accumulate=accumulate)
    np.testing.assert_allclose(out, a @ b + (before if accumulate else 0), rtol=1e-4, atol=1e-3)
    i, j = m // 2, n // 2
    alone = before[i : i + 1, j : j + 1].copy()
    multiply(a[i : i + 1], b[:, j : j + 1], alone, accumulate=accumulate)
    assert out[i, j] == alone[0, 0]


@pytest.mark.parametrize("shape", [(500, 784, 200), (16, 784, 200), (200, 16, 784), (700, 3, 600)])
def test_products_of_layer_sizes_agree_with_numpy(shape: tuple[int, int, int]) -> None:
    m, k, n = shape
    a, b = numbers((m, k), np.float64), numbers((k, n), np.float64, 1)
    np.testing.assert_allclose(product(a, b), a @ b, rtol=1e-11, atol=1e-11)
    np.testing.assert_array_equal(product(b.T, a.T), product(a, b).T)


def test_writes_only_inside_the_output() -> None:
    wide = np.full((40, 100), 7.0)
    multiply(numbers((20, 30), np.float64), numbers((30, 50), np.float64), wide[10:30, 20:70])
    wide[10:30, 20:70] = 7.0
    assert (wide == 7.0).all()


@pytest.mark.parametrize("accumulate", [False, True])
def test_empty_sums(accumulate: bool) -> None:
    out = np.full((3, 4), 5.0)
    multiply(np.empty((3, 0)), np.empty((0, 4)), out, accumulate=accumulate)
    assert (out == (5.0 if accumulate else 0.0)).all()
    assert product(np.empty((0, 5)), np.empty((5, 2))).shape == (0, 2)


def test_nan_and_infinity_propagate() -> None:
    a = np.ones((30, 40))
    a[3, 5] = np.nan
    a[7, 9] = np.inf
    result = product(a, np.ones((40, 50)))
    assert np.isnan(result[3]).all()
    assert np.isinf(result[7]).all()
    assert np.isfinite(np.delete(result, [3, 7], axis=0)).all()


@pytest.mark.parametrize(
    ("a", "b", "out"),
    [
        (np.ones((2, 3)), np.ones((4, 5)), np.ones((2, 5))),
        (np.ones((2, 3)), np.ones((3, 5)), np.ones((5, 2))),
        (np.ones((2, 3), np.float32), np.ones((3, 5)), np.ones((2, 5))),
        (np.ones((2, 3)), np.ones((3, 5)), np.ones((2, 5), np.float32)),
    ],
)
def test_rejects_shapes_and_types_that_do_not_match(a: Matrix, b: Matrix, out: Matrix) -> None:
    with pytest.raises(ValueError, match="does not make"):
        multiply(a, b, out)
