"""Every element of a product is one chain of fused multiply-adds, whatever the layout."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled, fma
from octrepro.arithmetic.products import multiply

Matrix = NDArray[Any]
SIZES = st.integers(0, 90)
GAP = -1234.5
LAYOUTS = st.sampled_from(["rows", "columns", "strided"])


@compiled
def add_chains(a: Matrix, b: Matrix, out: Matrix) -> None:
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for k in range(a.shape[1]):
                out[i, j] = fma(a[i, k], b[k, j], out[i, j])


def laid_out(matrix: Matrix, layout: str) -> Matrix:
    if layout == "columns":
        return np.asfortranarray(matrix)
    if layout == "strided":
        wide = np.full((2 * matrix.shape[0], 3 * matrix.shape[1]), GAP, dtype=matrix.dtype)
        wide[::2, ::3] = matrix
        return wide[::2, ::3]
    return matrix.copy()


@settings(max_examples=200)
@given(st.data(), SIZES, st.integers(0, 600), SIZES, st.sampled_from([np.float32, np.float64]), st.booleans())
def test_each_element_is_one_chain_of_fma(
    data: st.DataObject, m: int, k: int, n: int, dtype: type, accumulate: bool
) -> None:
    rng = np.random.default_rng(0)
    a, b, before = (rng.normal(size=shape).astype(dtype) for shape in ((m, k), (k, n), (m, n)))
    a.flat[:1] = data.draw(st.sampled_from([1.0, np.nan, np.inf]))
    expected = before.copy() if accumulate else np.zeros_like(before)
    add_chains(a, b, expected)
    a, b, out = (laid_out(matrix, data.draw(LAYOUTS)) for matrix in (a, b, before))
    multiply(a, b, out, accumulate=accumulate)
    np.testing.assert_array_equal(out, expected)
    if out.base is not None:
        assert (out.base == GAP).sum() == out.base.size - out.size  # written only inside the output
