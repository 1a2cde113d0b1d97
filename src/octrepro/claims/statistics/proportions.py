"""Accuracies as counts of images: intervals, and exact tests of a difference.

Only `scipy.special` is used: importing `scipy.stats` takes longer than all that the stage does. The tests
compare every function here with `scipy.stats` or with an enumeration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, betaincinv, gammaln, ndtr, ndtri

from octrepro.claims.statistics.estimate import CONFIDENCE, Estimate


def wilson(successes: int, total: int, confidence: float = CONFIDENCE) -> Estimate:
    """A proportion and its score interval.

    Parameters
    ----------
    successes, total
        Counts, 0 <= successes <= total, total > 0.
    confidence
        Nominal coverage.

    Returns
    -------
    Estimate
        The proportion and the interval's ends, all in [0, 1].

    Raises
    ------
    ValueError
        For counts that are no proportion.

    References
    ----------
    E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22. Chosen over the Wald interval because it keeps its coverage
    near 0 and 1: Brown, Cai and DasGupta (2001), Statistical Science 16.
    """
    if not 0 <= successes <= total or total == 0:
        raise ValueError(f"{successes} of {total} is no proportion")
    z2 = float(ndtri(0.5 + confidence / 2)) ** 2
    p = successes / total
    centre = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = math.sqrt(z2 * (p * (1 - p) + z2 / (4 * total)) / total) / (1 + z2 / total)
    # At 0 and total an end is the proportion itself; rounding would leave it 1e-17 outside [0, 1].
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == total else min(1.0, centre + half)
    return Estimate(p, low, high)


@dataclass(frozen=True)
class PairedComparison:
    """Two classifiers on the same images.

    Attributes
    ----------
    first_correct, second_correct, total
        Counts of images.
    only_first, only_second
        Images that just one of the two classifies right (the discordant pairs).
    p_value
        Exact McNemar test, two-sided.
    low, high
        95 % interval of `difference`, in images.
    """

    first_correct: int
    second_correct: int
    only_first: int
    only_second: int
    total: int
    p_value: float
    low: float
    high: float

    @property
    def difference(self) -> int:
        """Images by which the first is ahead."""
        return self.first_correct - self.second_correct


def compare_paired(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> PairedComparison:
    """Compare two classifiers image by image.

    Parameters
    ----------
    first, second
        Whether each classifies each image right, shape (images,).

    Raises
    ------
    ValueError
        When the shapes differ.
    """
    if first.shape != second.shape:
        raise ValueError(f"shapes {first.shape} and {second.shape}: the images are not the same")
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    low, high = difference_interval(only_first, only_second)
    return PairedComparison(
        first_correct=int(first.sum()),
        second_correct=int(second.sum()),
        only_first=only_first,
        only_second=only_second,
        total=first.size,
        p_value=mcnemar(only_first, only_second),
        low=low,
        high=high,
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact McNemar test: two-sided p-value from the discordant pairs.

    If neither classifier is better, each discordant pair is a fair coin's throw, so the smaller count is
    binomial with probability 1/2; its tail is doubled.

    References
    ----------
    Q. McNemar (1947), Psychometrika 12; the exact form in A. Agresti, "Categorical Data Analysis", on
    matched pairs.
    """
    pairs = only_first + only_second
    return min(1.0, 2 * float(bdtr(min(only_first, only_second), pairs, 0.5)))


def difference_interval(only_first: int, only_second: int) -> tuple[float, float]:
    """The 95 % interval of only_first - only_second, given the number of discordant pairs.

    It maps Clopper and Pearson's exact interval (Biometrika 26, 1934) for the probability that a discordant
    pair favours the first, so it leaves out 0 exactly when the two-sided McNemar test rejects at 5 %.
    """
    pairs = only_first + only_second
    if pairs == 0:
        return 0.0, 0.0
    tail = (1 - CONFIDENCE) / 2
    low = betaincinv(only_first, only_second + 1, tail) if only_first else 0.0
    high = betaincinv(only_first + 1, only_second, 1 - tail) if only_second else 1.0
    return pairs * (2 * float(low) - 1), pairs * (2 * float(high) - 1)


def fisher(first: int, first_total: int, second: int, second_total: int) -> float:
    """Fisher's exact test of two proportions: two-sided p-value.

    Sums the probabilities of all tables with the same margins that are no likelier than the one seen.
    Where both counts are over the same images but the pairs are unknown, the test is conservative: images
    that are hard for one classifier are hard for the other, which makes true differences vary less than
    for the independent samples it supposes.

    References
    ----------
    R. A. Fisher (1935), Journal of the Royal Statistical Society 98; hypergeometric probabilities by
    log-gamma functions.
    """
    drawn = first + second
    count = np.arange(max(0, drawn - second_total), min(drawn, first_total) + 1)
    logs = (
        _log_choose(first_total, count)
        + _log_choose(second_total, drawn - count)
        - _log_choose(first_total + second_total, np.asarray(drawn))
    )
    seen = logs[first - count[0]]
    # Tables as likely as the one seen count too, though rounding sets them a little apart.
    return min(1.0, float(np.exp(logs[logs <= seen + 1e-7]).sum()))


def _log_choose(n: int, k: NDArray[np.integer]) -> NDArray[np.float64]:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), dtype=np.float64)


def gap_difference(
    first_train: int, second_train: int, train_total: int, test: PairedComparison
) -> tuple[Estimate, float]:
    """How much larger the first model's gap between training and test accuracy is than the second's.

    The test accuracies are paired by image, so their difference has the paired variance (half an image
    added to each discordant count, which keeps it above zero: Agresti and Min (2005), Statistics in
    Medicine 24). The training accuracies are taken as independent: conservative, since they are not.

    Returns
    -------
    Estimate
        Difference of the gaps, in accuracy, with a normal interval.
    float
        Its two-sided p-value.
    """
    train = (first_train - second_train) / train_total
    value = train - test.difference / test.total
    shares = (first_train / train_total, second_train / train_total)
    train_variance = sum(p * (1 - p) for p in shares) / train_total
    b, c, n = test.only_first + 0.5, test.only_second + 0.5, test.total + 2
    test_variance = (b + c - (b - c) ** 2 / n) / n**2
    se = math.sqrt(train_variance + test_variance)
    half = float(ndtri(0.5 + CONFIDENCE / 2)) * se
    return Estimate(value, value - half, value + half), 2 * float(ndtr(-abs(value) / se))
