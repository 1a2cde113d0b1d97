"""The innermost loops of the models from scratch, one by one."""

import numpy as np
import pytest

from octrepro.models.blocks import add_to, products
from octrepro.models.compiled import compiled
from octrepro.models.sample_loops import digit_sums, row_sums, step_and_row_sums, widen

_two_samples = row_sums(4, 2)
_steps = step_and_row_sums(4)
_digits = digit_sums(8)


@compiled
def sums_of_two(a, row, x, results):  # type: ignore[no-untyped-def]
    _two_samples(a, row, x, x.shape[1], results)


@compiled
def steps(a, factors, x, next_x, results):  # type: ignore[no-untyped-def]
    _steps(a, 0, factors, x, next_x, x.size, results)


@compiled
def sums_of_digits(digits, row, pixels, start, end, sums):  # type: ignore[no-untyped-def]
    _digits(digits, row, pixels, start, end, sums)


@compiled
def widened(pixels, factor, x):  # type: ignore[no-untyped-def]
    widen(pixels, factor, x)


@pytest.mark.parametrize("rows", [1, 3, 4, 7])
@pytest.mark.parametrize("size", [8, 16, 792])
def test_samples_taken_together_have_the_sums_of_each_alone(rows: int, size: int) -> None:
    rng = np.random.default_rng(rows)
    a, x = rng.normal(size=(rows, size)), rng.normal(size=(2, size))
    results, alone = np.full((2, rows), np.nan), np.empty(rows)
    for row in range(0, rows, 4):
        sums_of_two(a, row, x, results)
    for sample, got in zip(x, results, strict=True):
        products(a, sample, alone)
        assert got.tobytes() == alone.tobytes()


@pytest.mark.parametrize("size", [8, 16, 792])
def test_a_step_and_the_next_sums_are_one_after_the_other(size: int) -> None:
    rng = np.random.default_rng(size)
    a, x, next_x, factors = (rng.normal(size=shape) for shape in ((4, size), size, size, 4))
    expected, sums = a.copy(), np.empty(4)
    for row, factor in zip(expected, factors, strict=True):
        add_to(row, factor, x)
    products(expected, next_x, sums)
    # The sums may take the factors' place.
    steps(a, factors, x, next_x, factors)
    assert a.tobytes() == expected.tobytes()
    assert factors.tobytes() == sums.tobytes()


@pytest.mark.parametrize(("start", "end"), [(0, 784), (0, 15), (3, 50), (768, 784), (5, 5), (1, 2)])
def test_whole_numbers_are_exact(start: int, end: int) -> None:
    rng = np.random.default_rng(0)
    # The largest digits that the perceptron may reach.
    digits = rng.integers(-10_741, 10_742, (16, 784)).astype(np.int16)
    digits[0], digits[1] = 10_741, -10_741
    pixels = rng.integers(0, 256, 784).astype(np.uint8)
    pixels[:400] = 255
    sums = np.full(16, -1, dtype=np.int32)
    sums_of_digits(digits, 8, pixels, start, end, sums)
    assert (sums[:8] == -1).all()
    sums_of_digits(digits, 0, pixels, start, end, sums)
    assert (sums == digits[:, start:end].astype(np.int64) @ pixels[start:end].astype(np.int64)).all()


@pytest.mark.parametrize("size", [1, 8, 31, 32, 47, 784])
def test_pixels_are_scaled_exactly(size: int) -> None:
    pixels = np.arange(size).astype(np.uint8)
    x = np.full(size + 3, -1.0)
    widened(pixels, 1 / 256, x)
    assert (x[:size] == pixels / 256).all()
    assert (x[size:] == -1).all()
