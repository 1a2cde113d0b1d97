"""The gap between training and test accuracy, compared between two models."""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri

from octrepro.results.estimate import CONFIDENCE, Estimate
from octrepro.results.proportions import PairedComparison


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
