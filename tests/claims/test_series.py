import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from octrepro.claims.series import (
    BLOCKS,
    epochs_to_common_level,
    level_ratio,
    neighbor_variance,
    oscillation,
    oscillation_ratio,
    second_half,
    slope,
)
from octrepro.results.estimate import UndeterminedError

RNG = np.random.default_rng(3)
NOISE = RNG.standard_normal(150)
factors = st.floats(0.01, 100)


def autoregression(
    coefficient: float, shape: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Curves whose every epoch remembers the one before, after a run-in of 50 epochs."""
    shocks = rng.standard_normal((shape[0], shape[1] + 50))
    values = np.zeros_like(shocks)
    for epoch in range(1, values.shape[1]):
        values[:, epoch] = coefficient * values[:, epoch - 1] + shocks[:, epoch]
    return values[:, 50:]


def test_second_half_is_the_later_half() -> None:
    assert list(second_half(np.arange(1.0, 24.0))) == list(range(12, 24))


@pytest.mark.parametrize("epochs", [1, 2, 18])
def test_short_curves_are_refused_with_the_number_needed(epochs: int) -> None:
    with pytest.raises(UndeterminedError, match=rf"{epochs} epochs are too few .* 19"):
        slope(np.arange(epochs, dtype=float))


def test_curves_with_gaps_are_refused() -> None:
    curve = NOISE.copy()
    curve[-1] = np.nan
    with pytest.raises(UndeterminedError, match="finite"):
        slope(curve)


def test_slope_of_a_straight_line_is_exact() -> None:
    found = slope(3 - 0.25 * np.arange(50.0))
    assert (found.value, found.low, found.high) == pytest.approx((-0.25, -0.25, -0.25))


def test_slope_is_scipys_regression_through_the_block_means() -> None:
    late = NOISE[75:]
    blocks = np.array_split(np.arange(75), BLOCKS)
    line = stats.linregress([block.mean() for block in blocks], [late[block].mean() for block in blocks])
    half = stats.t.ppf(0.975, BLOCKS - 2) * line.stderr
    found = slope(NOISE)
    assert (found.value, found.low, found.high) == pytest.approx(
        (line.slope, line.slope - half, line.slope + half)
    )


@given(factors, st.floats(-5, 5))
def test_slope_follows_the_unit_and_ignores_the_level(factor: float, level: float) -> None:
    ours, scaled = slope(NOISE), slope(level + factor * NOISE)
    assert scaled.value == pytest.approx(factor * ours.value, rel=1e-6, abs=1e-9)
    assert scaled.low == pytest.approx(factor * ours.low, rel=1e-6, abs=1e-9)


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


def test_oscillation_is_the_sd_of_differences() -> None:
    steep = np.linspace(0, 1, 50)
    assert oscillation(steep) == pytest.approx(0, abs=1e-12)
    assert oscillation(steep + 0.1 * (np.arange(50) % 2)) > 0.09


@given(factors)
def test_oscillation_ratio_is_scale_free(factor: float) -> None:
    other = np.roll(NOISE, 11)
    ours, scaled = oscillation_ratio(NOISE, other), oscillation_ratio(factor * NOISE, other)
    assert scaled.value == pytest.approx(factor * ours.value)
    assert scaled.high / scaled.low == pytest.approx(ours.high / ours.low)


def test_oscillation_ratio_inverts_when_the_curves_swap() -> None:
    other = np.roll(NOISE, 11)
    ours, swapped = oscillation_ratio(NOISE, other), oscillation_ratio(other, NOISE)
    assert (swapped.low, swapped.high) == pytest.approx((1 / ours.high, 1 / ours.low))


def test_a_curve_at_rest_has_no_oscillation_to_compare() -> None:
    with pytest.raises(UndeterminedError, match="does not move"):
        oscillation_ratio(np.ones(50), NOISE[:50])


def test_level_ratio_of_proportional_curves_is_exact() -> None:
    curve = np.exp(NOISE)
    found = level_ratio(0.8 * curve, curve)
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.8, 0.8))


def test_level_ratio_widens_with_noise() -> None:
    curve = np.exp(0.1 * NOISE)
    quiet, loud = (level_ratio(curve * np.exp(s * np.roll(NOISE, 7)), curve) for s in (0.1, 0.5))
    assert loud.high / loud.low > quiet.high / quiet.low > 1


def test_level_ratio_needs_positive_curves() -> None:
    with pytest.raises(UndeterminedError, match="not positive"):
        level_ratio(np.zeros(50), np.ones(50))


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
    with pytest.raises(UndeterminedError, match="one epoch"):
        neighbor_variance(np.array([0.1]))
