import numpy as np
import pytest

from octrepro.claims.statistics.gaps import gap_difference
from octrepro.results.proportions import compare_paired


def test_gap_difference_takes_test_from_train() -> None:
    first = np.arange(529) < 400
    second = np.arange(529) < 360
    gap, p = gap_difference(1800, 1500, 2000, compare_paired(first, second))
    assert gap.value == pytest.approx(300 / 2000 - 40 / 529)
    assert gap.low < gap.value < gap.high
    assert gap.value - gap.low == pytest.approx(gap.high - gap.value)
    assert (gap.low > 0) == (p < 0.05)


def test_gap_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    trials = 1000
    for _ in range(trials):
        # Images differ in difficulty, so the two models' answers on one image go together.
        hard = rng.random(529) < 0.3
        first = rng.random(529) < np.where(hard, 0.3, 0.9)
        second = rng.random(529) < np.where(hard, 0.2, 0.8)
        gap, _ = gap_difference(
            rng.binomial(2000, 0.9), rng.binomial(2000, 0.7), 2000, compare_paired(first, second)
        )
        covered += gap.low <= 0.2 - 0.1 <= gap.high
    assert 0.92 * trials <= covered <= 0.98 * trials
