import numpy as np
import pytest

from octrepro.models.blocks import add_to, gather, products
from tests.arithmetic.exact import chain


@pytest.mark.parametrize("rows", [1, 2, 4, 6])
@pytest.mark.parametrize("size", [1, 7, 8, 85])
def test_compiled_inner_products_have_the_bits_of_the_written_order(rows: int, size: int) -> None:
    rng = np.random.default_rng(size)
    weights, x = rng.normal(size=(rows, size)), rng.normal(size=size)
    results = np.empty(rows)
    products(weights, x, results)
    full = size // 8 * 8
    for row, got in zip(weights, results, strict=True):
        s = [float(chain(row[i:full:8], x[i:full:8])) for i in range(8)]
        wanted = ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]))
        for j in range(full, size):
            wanted += float(row[j]) * float(x[j])
        assert got == wanted


@pytest.mark.parametrize("size", [1, 8, 21])
def test_a_multiple_is_added_with_one_rounding(size: int) -> None:
    rng = np.random.default_rng(size)
    target, x, factor = rng.normal(size=size), rng.normal(size=size), rng.normal()
    expected = [chain(np.array([factor]), x[j : j + 1], start=target[j]) for j in range(size // 8 * 8)]
    expected += [target[j] + factor * x[j] for j in range(size // 8 * 8, size)]
    add_to(target, factor, x)
    assert target.tolist() == expected


def test_gathered_pixels_are_exact_and_in_order() -> None:
    images = np.arange(30, dtype=np.uint8).reshape(5, 6)
    features = np.full((3, 6), -1.0)
    gather(images, np.array([4, 0]), features)
    assert (features[:2] * 256 == images[[4, 0]]).all()
    assert (features[2] == -1).all()
