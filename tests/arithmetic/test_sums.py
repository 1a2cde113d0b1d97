import numpy as np
import pytest

from octrepro.arithmetic.sums import add_multiple, column_sums, inner_products
from tests.arithmetic.exact import chain


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
