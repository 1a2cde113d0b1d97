import math

import numpy as np
import pytest
from scipy import stats

from octrepro.results.estimate import Estimate, UndeterminedError, sample_mean, stable


def test_differences_by_seed_make_the_paired_test() -> None:
    first, second = np.array([3.0, 5.0, 4.0, 8.0]), np.array([2.0, 5.5, 1.0, 6.0])
    paired = stats.ttest_rel(first, second)
    found = sample_mean((first - second).tolist())
    assert found.p_value(0) == pytest.approx(paired.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(paired.confidence_interval(0.95)))


def test_equal_seeds_leave_no_doubt() -> None:
    assert sample_mean([2.0, 2.0]).p_value(0) == 0
    assert sample_mean([2.0, 2.0]).p_value(2) == 1


def test_ratios_are_averaged_as_logarithms() -> None:
    found = sample_mean([2.0, 8.0, 4.0], is_ratio=True)
    logs = stats.ttest_1samp(np.log([2.0, 8.0, 4.0]), 0)
    assert found.value == pytest.approx(4)
    assert (found.low, found.high) == pytest.approx(tuple(np.exp(logs.confidence_interval(0.95))))
    assert found.p_value(1) == pytest.approx(logs.pvalue)
    assert found.p_value(found.low) == pytest.approx(0.05)


@pytest.mark.parametrize("sample", [[1.0], [1.0, math.nan]])
def test_rejects_samples_without_variation_to_measure(sample: list[float]) -> None:
    with pytest.raises(UndeterminedError):
        sample_mean(sample)


def test_rejects_ratios_without_a_logarithm() -> None:
    with pytest.raises(UndeterminedError, match="logarithm"):
        sample_mean([1.0, 0.0], is_ratio=True)


def test_what_has_no_standard_error_has_no_test() -> None:
    with pytest.raises(ValueError, match="no test"):
        Estimate(3, 1, 5).p_value(0)


def test_stable_rounds_to_six_digits_and_removes_infinities() -> None:
    assert stable(1 / 3) == 0.333333
    assert stable(math.inf) is stable(math.nan) is None
    assert str(stable(-0.0)) == "0.0"
    assert stable(12345678) == 12345678
