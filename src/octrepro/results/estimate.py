"""A number with its uncertainty."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student

CONFIDENCE = 0.95
ALPHA = 0.05


class UndeterminedError(ValueError):
    """The data do not suffice for a statistic: the message says why, as a clause for the report."""


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % confidence interval, in the value's own unit; all three are equal for a fact.

    A t interval has a standard error `se` and degrees of freedom `df`, those of the logarithm for a ratio.
    """

    value: float
    low: float
    high: float
    se: float | None = None
    df: float = math.inf
    is_ratio: bool = False

    def p_value(self, null: float) -> float:
        """Two-sided p-value of the value being `null`: below 5 % exactly when the interval leaves it out."""
        if self.se is None:
            raise ValueError("a number without a standard error has no test")
        distance = abs(math.log(self.value) - math.log(null) if self.is_ratio else self.value - null)
        if self.se == 0:
            return float(distance == 0)
        return 2 * float(student.sf(distance / self.se, self.df))


def t_estimate(value: float, se: float, df: float, *, is_ratio: bool = False) -> Estimate:
    """An estimate with a t interval; for a ratio `value` and `se` are those of the logarithm."""
    half = float(student.ppf(0.5 + CONFIDENCE / 2, df)) * se
    low, high = value - half, value + half
    if is_ratio:
        with np.errstate(over="ignore"):  # an end may overflow to infinity, where math.exp raises
            value, low, high = (float(np.exp(end)) for end in (value, low, high))
    return Estimate(value, low, high, se=se, df=df, is_ratio=is_ratio)


def sample_mean(values: Sequence[float], *, is_ratio: bool = False, least_sd: float = 0.0) -> Estimate:
    """The mean (geometric for a ratio) of one value for each seed, with its t interval.

    Differences between two runs, taken seed by seed, make this the paired t test: what suits both runs
    cancels. The interval describes chance in training, for the images at hand. The standard deviation counts
    as no less than `least_sd`.

    Raises
    ------
    UndeterminedError
        With fewer than two values, or one that is not finite or has no logarithm.
    """
    sample = np.asarray(values, dtype=np.float64)
    if len(sample) < 2:
        raise UndeterminedError("it takes two seeds or more to measure the variation of training")
    if is_ratio:
        if not (sample > 0).all():
            raise UndeterminedError("a seed's ratio has no logarithm")
        sample = np.log(sample)
    if not np.isfinite(sample).all():
        raise UndeterminedError("a seed has no finite value")
    se = max(float(sample.std(ddof=1)), least_sd) / math.sqrt(len(sample))
    return t_estimate(math.fsum(sample) / len(sample), se, len(sample) - 1, is_ratio=is_ratio)


def stable(value: Any) -> Any:
    """Round a float to 6 significant digits, infinities to None; other values as they are.

    Special functions differ in their last bits between machines, and JSON has no infinity.
    """
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    return float(f"{value:.6g}") + 0.0  # + 0.0 turns -0.0 into 0.0
