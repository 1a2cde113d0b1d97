"""Numbers with their uncertainty: means over seeds, counts of images, areas under ROC curves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import binomtest, norm
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
        distance = abs(math.log(self.value) - math.log(null) if self.is_ratio else self.value - null)
        if not self.se:  # nothing varies
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
    as no less than `least_sd`. Raises `UndeterminedError` with fewer than two values, or one that is not
    finite or has no logarithm.
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


def wilson(successes: int, total: int) -> Estimate:
    """A proportion and its 95 % score interval, all in [0, 1].

    E. B. Wilson (1927), Journal of the American Statistical Association 22. Chosen over the Wald interval
    because it keeps its coverage near 0 and 1: Brown, Cai and DasGupta (2001), Statistical Science 16.
    """
    ends = binomtest(successes, total).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(successes / total, float(ends.low), float(ends.high))


def mean_proportion(counts: Sequence[tuple[int, int]]) -> Estimate:
    """The unweighted mean of independent proportions, each as successes and total, with its 95 % interval.

    The distances from each proportion to the ends of its Wilson interval are squared and added, which keeps
    the interval inside [0, 1] and wider than a point where all proportions are 0 or 1: R. G. Newcombe (1998),
    Statistics in Medicine 17; for sums of any number of terms G. Y. Zou, W. Huang and X. Zhang (2009),
    Computational Statistics and Data Analysis 53.
    """
    found = [wilson(*each) for each in counts]
    value = math.fsum(each.value for each in found) / len(found)
    low = math.hypot(*(each.value - each.low for each in found)) / len(found)
    high = math.hypot(*(each.high - each.value for each in found)) / len(found)
    return Estimate(value, max(0.0, value - low), min(1.0, value + high))


def area(value: float, se: float | None) -> Estimate:
    """An area under an ROC curve with its 95 % interval, which is symmetric in the logit and inside (0, 1).

    The ends are NaN where the standard error is unknown, or 0 because the sample ranks perfectly or not at
    all: it does not follow that others would. M. S. Pepe (2003), *The Statistical Evaluation of Medical Tests
    for Classification and Prediction*.
    """
    if not se:
        return Estimate(value, math.nan, math.nan)
    half = float(norm.ppf(0.5 + CONFIDENCE / 2)) * se / (value * (1 - value))
    return Estimate(value, float(expit(logit(value) - half)), float(expit(logit(value) + half)))


@dataclass(frozen=True)
class PairedComparison:
    """Two classifiers on the same images: counts of images that each, and only one, classifies correctly."""

    first_correct: int
    second_correct: int
    only_first: int
    only_second: int
    total: int

    @property
    def difference(self) -> int:
        """Images by which the first is ahead."""
        return self.first_correct - self.second_correct

    @property
    def variance(self) -> float:
        """Of the difference over sets of images like this one, in images squared.

        Half an image is added to each discordant count, which keeps it above zero: A. Agresti and Y. Min
        (2005), Statistics in Medicine 24.
        """
        return self.only_first + self.only_second + 1 - self.difference**2 / (self.total + 2)

    @property
    def p_value(self) -> float:
        """Exact McNemar test, two-sided: if neither is better, a fair coin decides each discordant image.

        Q. McNemar (1947), Psychometrika 12.
        """
        discordant = self.only_first + self.only_second
        return float(binomtest(self.only_first, discordant).pvalue) if discordant else 1.0


def compare_paired(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> PairedComparison:
    """Compare two classifiers by whether each classifies each image correctly, shape (images,)."""
    return PairedComparison(
        first_correct=int(first.sum()),
        second_correct=int(second.sum()),
        only_first=int((first & ~second).sum()),
        only_second=int((second & ~first).sum()),
        total=first.size,
    )


def stable(value: Any) -> Any:
    """Round a float to 6 significant digits, infinities to None; other values as they are.

    Special functions differ in their last bits between machines, and JSON has no infinity.
    """
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    return float(f"{value:.6g}") + 0.0  # + 0.0 turns -0.0 into 0.0
