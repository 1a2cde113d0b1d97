"""Curves: their trend, oscillation and level, and how sure each is. The curvature of the logistic loss."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from octrepro.claims import convexity
from octrepro.claims.series import (
    BLOCKS,
    epochs_to_common_level,
    level_ratio,
    neighbor_variance,
    oscillation,
    oscillation_ratio,
    slope,
)
from octrepro.results.estimate import UndeterminedError

NOISE = np.random.default_rng(3).standard_normal(150)
OTHER = np.roll(NOISE, 11)


def autoregression(
    coefficient: float, shape: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Curves whose every epoch remembers the one before, after a run-in of 50 epochs."""
    shocks = rng.standard_normal((shape[0], shape[1] + 50))
    values = np.zeros_like(shocks)
    for epoch in range(1, values.shape[1]):
        values[:, epoch] = coefficient * values[:, epoch - 1] + shocks[:, epoch]
    return values[:, 50:]


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(UndeterminedError, match=r"18 epochs are too few .* 19"):
        slope(np.arange(18.0))
    with pytest.raises(UndeterminedError, match="finite"):
        slope(np.append(NOISE, np.nan))
    with pytest.raises(UndeterminedError, match="does not move"):
        oscillation_ratio(np.ones(50), NOISE[:50])
    with pytest.raises(UndeterminedError, match="not positive"):
        level_ratio(np.zeros(50), np.ones(50))
    with pytest.raises(UndeterminedError, match="one epoch"):
        neighbor_variance(np.array([0.1]))


def test_slope_is_scipys_regression_through_the_block_means_of_the_later_half() -> None:
    late = NOISE[75:]
    blocks = np.array_split(np.arange(75), BLOCKS)
    line = stats.linregress([block.mean() for block in blocks], [late[block].mean() for block in blocks])
    half = stats.t.ppf(0.975, BLOCKS - 2) * line.stderr
    found = slope(NOISE)
    assert (found.value, found.low, found.high) == pytest.approx(
        (line.slope, line.slope - half, line.slope + half)
    )


@pytest.mark.parametrize(("coefficient", "least"), [(0.0, 0.93), (0.3, 0.92), (0.6, 0.91)])
def test_slope_interval_covers_under_autocorrelation(coefficient: float, least: float) -> None:
    curves = autoregression(coefficient, (1000, 150), np.random.default_rng(1))
    found = [slope(curve + 0.01 * np.arange(150)) for curve in curves]
    covered = np.mean([each.low <= 0.01 <= each.high for each in found])
    assert least <= covered <= 0.98


@pytest.mark.parametrize("coefficient", [0.0, 0.6])
def test_oscillation_interval_covers_under_autocorrelation(coefficient: float) -> None:
    rng = np.random.default_rng(2)
    first, second = (autoregression(coefficient, (600, 50), rng) for _ in range(2))
    pairs = zip(3 * first, first + second, strict=True)  # curves that move together
    true_ratio = 3 / np.sqrt(2)
    found = [oscillation_ratio(*pair) for pair in pairs]
    covered = np.mean([each.low <= true_ratio <= each.high for each in found])
    assert 0.9 <= covered <= 0.99


@given(st.floats(0.01, 100))
def test_oscillation_ratio_is_scale_free_and_inverts_when_the_curves_swap(factor: float) -> None:
    ours, scaled = oscillation_ratio(NOISE, OTHER), oscillation_ratio(factor * NOISE, OTHER)
    swapped = oscillation_ratio(OTHER, NOISE)
    assert scaled.value == pytest.approx(factor * ours.value)
    assert scaled.high / scaled.low == pytest.approx(ours.high / ours.low)
    assert (swapped.low, swapped.high) == pytest.approx((1 / ours.high, 1 / ours.low))
    assert ours.value == pytest.approx(oscillation(NOISE) / oscillation(OTHER))


def test_oscillation_ignores_a_trend() -> None:
    assert oscillation(np.linspace(0, 1, 50)) == pytest.approx(0, abs=1e-12)


def test_level_ratio_is_of_proportional_curves_exact_and_widens_with_noise() -> None:
    curve = np.exp(0.1 * NOISE)
    found, quiet, loud = (level_ratio(0.8 * curve * np.exp(sd * OTHER), curve) for sd in (0, 0.1, 0.5))
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.8, 0.8))
    assert loud.high / loud.low > quiet.high / quiet.low > 1


def test_common_level_is_the_lower_of_the_two() -> None:
    # Both climb by 0.1 an epoch, the second by half as much and only to 0.8.
    first, second = np.minimum(np.arange(1, 41) / 10, 1), np.minimum(np.arange(1, 41) / 20, 0.8)
    assert epochs_to_common_level(first, second) == (8, 16)


def test_movement_between_epochs_is_not_that_of_the_trend() -> None:
    drawn = 0.02 * np.random.default_rng(5).standard_normal(4000)
    variance, df = neighbor_variance(np.arange(4000) / 4000 + drawn)
    assert variance == pytest.approx(0.02**2, rel=0.1)
    assert df == pytest.approx(2 * 1999 / 3)
    assert neighbor_variance(np.array([0.1, 0.3])) == (pytest.approx(0.02), pytest.approx(2 / 3))


def test_hessian_is_that_of_the_loss_by_finite_differences() -> None:
    rng = np.random.default_rng(5)
    inputs, labels = rng.standard_normal((7, 3)), rng.integers(0, 4, 7)
    weights, h = rng.standard_normal((4, 3)), 1e-4
    hessian = convexity.logistic_hessian(weights, inputs)
    steps = h * np.eye(weights.size).reshape(-1, *weights.shape)

    def loss(w: NDArray[np.float64]) -> float:
        exponentials = np.exp(inputs @ w.T)
        shares = exponentials[np.arange(len(labels)), labels] / exponentials.sum(axis=1)
        return float(-np.log(shares).mean())

    for (i, a), (j, b) in itertools.product(enumerate(steps), repeat=2):
        mixed = loss(weights + a + b) - loss(weights + a - b) - loss(weights - a + b) + loss(weights - a - b)
        assert hessian[i, j] == pytest.approx(mixed / (4 * h**2), abs=1e-6)
