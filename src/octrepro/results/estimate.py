"""A number with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import ttest_1samp

CONFIDENCE = 0.95
ALPHA = 0.05


class UndeterminedError(ValueError):
    """The data do not suffice for a statistic: the message says why, as a clause for the report."""


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % confidence interval, in the value's own unit.

    Attributes
    ----------
    value, low, high
        All three are equal for what is exact.
    p_value
        Of the test that the interval inverts, where there is one.
    """

    value: float
    low: float
    high: float
    p_value: float | None = None

    def below(self, bound: float) -> bool:
        """Whether the whole interval lies below `bound`."""
        return self.high < bound

    def above(self, bound: float) -> bool:
        """Whether the whole interval lies above `bound`."""
        return self.low > bound


@dataclass(frozen=True)
class SampleMean:
    """The mean of a sample with its 95 % t interval, the standard deviation and the size of the sample."""

    estimate: Estimate
    sd: float
    n: int


def sample_mean(values: Sequence[float], null: float = 0.0) -> SampleMean:
    """The mean of one value for each seed; the p-value is of the mean being `null`.

    Differences between two runs, taken seed by seed, make this the paired t test: what suits both runs
    cancels. The interval describes chance in training, for the images at hand.

    Raises
    ------
    UndeterminedError
        With fewer than two values, or one that is not finite.
    """
    sample = np.asarray(values, dtype=np.float64)
    if len(sample) < 2:
        raise UndeterminedError("it takes two seeds or more to measure the variation of training")
    if not np.isfinite(sample).all():
        raise UndeterminedError("a seed has no finite value")
    mean, sd = math.fsum(sample) / len(sample), float(sample.std(ddof=1))
    if sd == 0:  # SciPy has no test without variation
        return SampleMean(Estimate(mean, mean, mean, float(mean == null)), sd, len(sample))
    test = ttest_1samp(sample, null)
    ends = test.confidence_interval(CONFIDENCE)
    estimate = Estimate(mean, float(ends.low), float(ends.high), float(test.pvalue))
    return SampleMean(estimate, sd, len(sample))


def stable(value: Any) -> Any:
    """Round a float to 6 significant digits, infinities to None; other values as they are.

    Special functions differ in their last bits between machines, and JSON has no infinity.
    """
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    return float(f"{value:.6g}") + 0.0  # + 0.0 turns -0.0 into 0.0
