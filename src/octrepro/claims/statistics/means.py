"""Means over seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from octrepro.claims.statistics.estimate import CONFIDENCE, Estimate, UndeterminedError


@dataclass(frozen=True)
class Mean:
    """The mean of a sample, its t interval, and the sample's standard deviation and size."""

    estimate: Estimate
    sd: float
    n: int

    def p_value(self, bound: float) -> float:
        """Student's t test that the mean is `bound`, two-sided."""
        distance = abs(self.estimate.value - bound)
        if self.sd == 0:
            return 1.0 if distance == 0 else 0.0
        return 2 * float(stdtr(self.n - 1, -distance / (self.sd / math.sqrt(self.n))))


def mean_over_seeds(values: Sequence[float]) -> Mean:
    """The mean of one value for each seed.

    Differences between two runs, taken seed by seed, make this the paired t test: seeds that suit both runs
    cancel. The interval describes chance in training, for the images at hand.

    Parameters
    ----------
    values
        One for each seed, at least two.

    Raises
    ------
    UndeterminedError
        When there are fewer, or one is not finite.

    References
    ----------
    Student (1908), "The probable error of a mean", Biometrika 6.
    """
    sample = np.asarray(values, dtype=np.float64)
    if len(sample) < 2:
        raise UndeterminedError("it takes two seeds or more to tell chance in training")
    if not np.isfinite(sample).all():
        raise UndeterminedError("a seed has no finite value")
    mean, sd = math.fsum(sample) / len(sample), float(sample.std(ddof=1))
    half = float(stdtrit(len(sample) - 1, 0.5 + CONFIDENCE / 2)) * sd / math.sqrt(len(sample))
    return Mean(Estimate(mean, mean - half, mean + half), sd, len(sample))
