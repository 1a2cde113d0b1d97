"""Curves: how sure their trend, oscillation and level are. The curvature of the logistic loss."""

import numpy as np
import pytest
import torch
from scipy.signal import lfilter
from scipy.stats import t
from torch.nn.functional import cross_entropy

from octrepro.claims.ledger.question_1 import logistic_hessian
from octrepro.claims.series import level_ratio, neighbor_variance, oscillation_ratio, slope


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
    levels = [level_ratio(2 * np.exp(a), np.exp(b)) for a, b in zip(first, second, strict=True)]
    assert 0.91 <= np.mean([each.low <= 2 <= each.high for each in levels]) <= 0.98


def test_oscillation_is_the_jackknife_of_a_ratio_of_deviations() -> None:
    # Both climb, which differences between epochs do not see.
    first, second = np.random.default_rng(3).standard_normal((2, 30)) + np.arange(30)
    steps = np.diff([first[15:], second[15:]])

    def log_ratio(kept: list[int]) -> float:
        over, under = steps[:, kept].std(axis=1, ddof=1)
        return float(np.log(over / under))

    whole = log_ratio([*range(14)])
    blocks = ([0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11], [12, 13])
    left_out = [log_ratio([epoch for epoch in range(14) if epoch not in block]) for block in blocks]
    error = np.std([5 * whole - 4 * part for part in left_out], ddof=1) / np.sqrt(5)
    ends = whole + t.ppf([0.025, 0.5, 0.975], 4) * error
    found = oscillation_ratio(first, second)
    assert [found.low, found.value, found.high] == pytest.approx(np.exp(ends))


def test_movement_between_epochs_is_not_that_of_the_trend() -> None:
    drawn = 0.02 * np.random.default_rng(5).standard_normal(4000)
    variance, df = neighbor_variance(np.arange(4000) / 4000 + drawn)
    assert variance == pytest.approx(0.02**2, rel=0.1)
    assert df == pytest.approx(2 * 1999 / 3)


def test_hessian_is_that_of_automatic_differentiation() -> None:
    rng = np.random.default_rng(5)
    inputs, labels, weights = rng.normal(size=(7, 3)), rng.integers(0, 4, 7), rng.normal(size=(4, 3))

    def loss(flat: torch.Tensor) -> torch.Tensor:
        return cross_entropy(torch.tensor(inputs) @ flat.reshape(4, 3).T, torch.tensor(labels))

    expected = torch.autograd.functional.hessian(loss, torch.tensor(weights.ravel()))
    np.testing.assert_allclose(logistic_hessian(weights, inputs), np.asarray(expected), atol=1e-12)
