import numpy as np
import pytest

from octrepro.models.blocks import gather, products


@pytest.mark.parametrize("rows", [1, 2, 3, 6])
@pytest.mark.parametrize("size", [1, 7, 8, 785])
def test_compiled_inner_products_have_the_bits_of_the_written_order(rows: int, size: int) -> None:
    rng = np.random.default_rng(size)
    weights, x = rng.normal(size=(rows, size)), rng.normal(size=size)
    results = np.empty(rows)
    products(weights, x, results)
    for row, got in zip(weights.tolist(), results, strict=True):
        partial = [0.0] * 8
        full = size // 8 * 8
        for j in range(size):
            partial[j % 8 if j < full else 0] += row[j] * float(x[j])
        s = partial
        assert got == ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]))


def test_gathered_pixels_are_exact_and_in_order() -> None:
    images = np.arange(30, dtype=np.uint8).reshape(5, 6)
    features = np.full((3, 6), -1.0)
    gather(images, np.array([4, 0]), features)
    assert (features[:2] * 256 == images[[4, 0]]).all()
    assert (features[2] == -1).all()
