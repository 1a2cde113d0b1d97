"""One-versus-rest area under the ROC curve, with standard errors; the same bits on every processor."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.arithmetic.softmax import softmax_in_place


def auc(scores: NDArray[Any], labels: NDArray[np.int64]) -> dict[str, Any]:
    """How well the softmax probability of each class ranks its images above all others.

    An AUC is the chance that an image of the class ranks above one that is not, ties counting half
    (the Mann-Whitney statistic). Standard errors come from DeLong's placements, which also give that of the
    mean over classes, whose AUCs share images. Each true class is a stratum: its number of images is fixed.

    The scores are a model's last outputs, shape (n, classes). Returned are `auc` and `auc_se`, mean over
    classes and its standard error; `class_auc` and `class_auc_se`, lists. None for a class without images, or
    with all; for a standard error, where a class has one image; for everything, where a score is not finite.

    References
    ----------
    E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson (1988), Biometrics 44.
    """
    classes = scores.shape[1]
    counts = np.bincount(labels, minlength=classes)
    usable = [c for c in range(classes) if 0 < counts[c] < len(labels)]
    if not np.isfinite(scores).all() or not usable:
        return {"auc": None, "auc_se": None, "class_auc": [None] * classes, "class_auc_se": [None] * classes}
    odds = log_odds(scores.astype(np.float64))
    shares = {c: _shares(odds[:, c], labels == c) for c in usable}
    values = {c: math.fsum(shares[c][labels == c]) for c in usable}
    errors = {c: _standard_error(shares[c], labels) for c in usable}
    mean = np.zeros(len(labels))
    for each in shares.values():
        mean += each / len(usable)
    return {
        "auc": math.fsum(values.values()) / len(usable),
        "auc_se": _standard_error(mean, labels),
        "class_auc": [values.get(c) for c in range(classes)],
        "class_auc_se": [errors.get(c) for c in range(classes)],
    }


def log_odds(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(p / (1 - p)) of each softmax probability, shape (n, classes) as the scores.

    It ranks as the probability does, but never rounds to the same number what lies near 0 or 1.
    """
    odds = np.empty_like(scores)
    for c in range(scores.shape[1]):
        others = np.delete(scores, c, axis=1)
        largest = others.max(axis=1)
        # The loss of the largest of the other scores, among them, is log(sum(exp(others - largest))).
        losses = [
            softmax_in_place(row, label) for row, label in zip(others, others.argmax(axis=1), strict=True)
        ]
        odds[:, c] = scores[:, c] - largest - losses
    return odds


def _shares(ranking: NDArray[np.float64], positive: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What each image contributes to the AUC, shape (n,): the positive ones add up to it, the others too."""
    inside, outside = np.sort(ranking[positive]), np.sort(ranking[~positive])
    pairs = 2 * len(inside) * len(outside)
    below = np.searchsorted(outside, ranking, "left") + np.searchsorted(outside, ranking, "right")
    not_above = np.searchsorted(inside, ranking, "left") + np.searchsorted(inside, ranking, "right")
    # Twice the number of pairs won, which is whole.
    return np.where(positive, below, 2 * len(inside) - not_above) / pairs


def _standard_error(shares: NDArray[np.float64], labels: NDArray[np.int64]) -> float | None:
    variances = []
    for c in np.unique(labels):
        own = shares[labels == c]
        if len(own) < 2:
            return None
        centered = own - own[0]  # so that equal ones have no variance at all
        centered -= math.fsum(centered) / len(own)
        variances.append(len(own) / (len(own) - 1) * math.fsum(centered * centered))
    return math.sqrt(math.fsum(variances))
