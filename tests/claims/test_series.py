"""Curves: their trend, oscillation and level, and how sure each is. The curvature of the logistic loss."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.signal import lfilter

from octrepro.claims.ledger.question_1 import logistic_hessian
from octrepro.claims.series import (
    BLOCKS,
    epochs_to_common_level,
    level_ratio,
    neighbor_variance,
    oscillation_ratio,
    slope,
)

NOISE = np.random.default_rng(3).standard_normal(150)
OTHER = np.roll(NOISE, 11)
# The second half of 150 epochs, in five blocks of consecutive ones.
LATE = np.array_split(np.arange(75, 150), BLOCKS)


def test_slope_is_scipys_regression_through_block_means() -> None:
    line = stats.linregress([block.mean() for block in LATE], [NOISE[block].mean() for block in LATE])
    half = stats.t.ppf(0.975, BLOCKS - 2) * line.stderr
    found = slope(NOISE)
    assert (found.value, found.high - found.value) == pytest.approx((line.slope, half))


def test_level_ratio_is_the_t_interval_of_block_means_of_log_ratios() -> None:
    found = level_ratio(np.exp(NOISE), np.exp(0.5 * OTHER))
    ratios = [(NOISE - 0.5 * OTHER)[block].mean() for block in LATE]
    expected = stats.ttest_1samp(ratios, 0).confidence_interval(0.95)
    assert np.log([found.low, found.value, found.high]) == pytest.approx(
        [expected.low, np.mean(ratios), expected.high]
    )


def test_oscillation_ratio_is_a_jackknife_by_blocks() -> None:
    steps = np.diff([NOISE[75:], 2 * NOISE[75:] + OTHER[75:]])
    blocks = np.array_split(np.arange(74), BLOCKS)

    def log_ratio(left_out: NDArray[np.int64]) -> float:
        first, second = np.delete(steps, left_out, axis=1).std(axis=1, ddof=1)
        return float(np.log(first / second))

    whole = log_ratio(np.array([], dtype=np.int64))
    pseudovalues = [BLOCKS * whole - (BLOCKS - 1) * log_ratio(block) for block in blocks]
    half = stats.t.ppf(0.975, BLOCKS - 1) * stats.sem(pseudovalues)
    found = oscillation_ratio(NOISE, 2 * NOISE + OTHER)
    assert np.log([found.value, found.low, found.high]) == pytest.approx([whole, whole - half, whole + half])


@pytest.mark.parametrize("coefficient", [0.0, 0.6])
def test_intervals_cover_the_truth_under_autocorrelation(coefficient: float) -> None:
    # Curves whose every epoch remembers the one before, after a run-in of 50 epochs.
    shocks = np.random.default_rng(1).standard_normal((2, 1000, 200))
    first, second = lfilter([1], [1, -coefficient], shocks)[:, :, 50:]
    slopes = [slope(curve + 0.01 * np.arange(150)) for curve in first]
    assert 0.91 <= np.mean([each.low <= 0.01 <= each.high for each in slopes]) <= 0.98
    # Pairs of curves that move together.
    ratios = [oscillation_ratio(*pair) for pair in zip(3 * first, first + second, strict=True)]
    assert 0.91 <= np.mean([each.low <= 3 / np.sqrt(2) <= each.high for each in ratios]) <= 0.98


def test_common_level_is_the_lower_of_the_two() -> None:
    # Both climb by 0.1 an epoch, the second by half as much and only to 0.8.
    first, second = np.minimum(np.arange(1, 41) / 10, 1), np.minimum(np.arange(1, 41) / 20, 0.8)
    assert epochs_to_common_level(first, second) == (8, 16)


def test_movement_between_epochs_is_not_that_of_the_trend() -> None:
    drawn = 0.02 * np.random.default_rng(5).standard_normal(4000)
    variance, df = neighbor_variance(np.arange(4000) / 4000 + drawn)
    assert variance == pytest.approx(0.02**2, rel=0.1)
    assert df == pytest.approx(2 * 1999 / 3)


def test_hessian_is_that_of_the_loss_by_finite_differences() -> None:
    rng = np.random.default_rng(5)
    inputs, labels = rng.standard_normal((7, 3)), rng.integers(0, 4, 7)
    weights, h = rng.standard_normal((4, 3)), 1e-4
    hessian = logistic_hessian(weights, inputs)

    def loss(w: NDArray[np.float64]) -> float:
        exponentials = np.exp(inputs @ w.T)
        shares = exponentials[np.arange(len(labels)), labels] / exponentials.sum(axis=1)
        return float(-np.log(shares).mean())

    # As many directions as a symmetric matrix of this size has entries of its own.
    for direction in rng.standard_normal((weights.size * (weights.size + 1) // 2, weights.size)):
        step = h * direction.reshape(weights.shape)
        second = (loss(weights + step) - 2 * loss(weights) + loss(weights - step)) / h**2
        assert direction @ hessian @ direction == pytest.approx(second, abs=1e-5)
