"""Softmax and cross-entropy, computed stably."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled
from octrepro.arithmetic.elementary import exp, log


@compiled
def softmax_in_place(scores: NDArray[np.float64], label: int) -> float:
    """Replace scores, shape (classes,), by class probabilities; return the cross-entropy of `label`, in nats.

    The loss is log(sum(exp(s - m))) - (s_label - m) with m the largest score. The logarithm of the
    probability itself would be infinite wherever that probability underflows to zero, which happens in a
    first epoch whose activations are large.
    """
    largest = scores[0]
    for c in range(1, scores.size):
        if scores[c] > largest:
            largest = scores[c]
    below = scores[label] - largest
    total = 0.0
    for c in range(scores.size):
        scores[c] = exp(scores[c] - largest)
        total += scores[c]
    for c in range(scores.size):
        scores[c] /= total
    loss: float = log(total) - below
    return loss


@compiled
def mean_cross_entropy(scores: NDArray[Any], labels: NDArray[np.int64], gradient: NDArray[Any]) -> float:
    """The mean cross-entropy of a batch, in nats, for scores of shape (n, classes) and labels of shape (n,).

    Its gradient in the scores, (probability - [class is the label]) / n, is written to `gradient`. Computed
    in float64, whatever the type of the arrays; losses are added from the first sample to the last.
    """
    samples, classes = scores.shape
    row = np.empty(classes)
    total = 0.0
    for i in range(samples):
        for c in range(classes):
            row[c] = scores[i, c]
        total += softmax_in_place(row, labels[i])
        row[labels[i]] -= 1.0
        for c in range(classes):
            gradient[i, c] = row[c] / samples
    loss: float = total / samples
    return loss
