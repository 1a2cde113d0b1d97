"""Softmax and cross-entropy of one sample, computed stably."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from octrepro.models.compiled import compiled
from octrepro.models.elementary import exp, log


@compiled
def softmax_in_place(scores: NDArray[np.float64], label: int) -> float:
    """Replace scores, shape (classes,), by class probabilities; return the cross-entropy of `label`, in nats.

    The loss is log(sum(exp(s - m))) - (s_label - m) with m the largest score. The logarithm of the
    probability itself would be infinite wherever that probability underflows to zero, which happens in a
    first epoch whose activations are large."""
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
