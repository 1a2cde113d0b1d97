"""Softmax regression trained one sample at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from octrepro.models.aligned import aligned
from octrepro.models.blocks import products
from octrepro.models.compiled import compiled
from octrepro.models.instructions import PARTIAL_SUMS
from octrepro.models.layers import Layer
from octrepro.models.sample_loops import AHEAD, fetch_ahead, row_sums, step_and_row_sums, widen
from octrepro.models.softmax import softmax_in_place

_SCALE = 1.0 / 256.0

# Classes taken together, and samples where nothing is learned between them: few enough for the
# registers, and for the first-level cache to hold them beside the weights.
_ROWS = 4
_SAMPLES = 2
_row_sums = row_sums(_ROWS, _SAMPLES)
_step_rows, _step_row = step_and_row_sums(_ROWS), step_and_row_sums(1)


class LogisticRegression:
    """Softmax regression with weights W of shape (classes, features + 1), zero at first; last column the
    bias.

    For each sample x with a constant 1 appended and one-hot label y: W -= eta (softmax(W x) - y) x^T. This is
    stochastic gradient descent on the cross-entropy.
    """

    def __init__(self, features: int, classes: int, learning_rate: float) -> None:
        # Rows are filled up with zeros, which stay zeros, so that all vector operations are whole.
        width = -(-(features + 1) // PARTIAL_SUMS) * PARTIAL_SUMS
        self._weights = aligned(classes, width, np.empty(0))
        self._weights[:] = 0.0
        self._features = features
        self._learning_rate = learning_rate
        self.updates = 0

    def train_epoch(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64], order: NDArray[np.int64]
    ) -> None:
        """Learn from each image once, in `order`, a permutation of shape (n,)."""
        _train(images, labels, order, self._weights, self._learning_rate)
        self.updates += order.size

    def count_correct(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> int:
        """How many images are predicted as labelled."""
        return _count_correct(images, labels, self._weights)

    def layers(self) -> list[Layer]:
        """The model, float64."""
        return [Layer(self._weights[:, : self._features].copy(), self._weights[:, self._features].copy())]


@compiled
def _samples(count: int, pixels: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Room for samples: each its pixels, the constant 1, and zeros up to the width of `weights`."""
    x: NDArray[np.float64] = aligned(count, weights.shape[1], weights)
    x[:] = 0.0
    x[:, pixels] = 1.0
    return x


@compiled
def _train(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    order: NDArray[np.int64],
    weights: NDArray[np.float64],
    learning_rate: float,
) -> None:
    classes, width = weights.shape
    samples = _samples(2, images.shape[1], weights)
    scores = np.empty(classes)
    widen(images[order[0]], _SCALE, samples[0])
    products(weights, samples[0], scores)
    for t in range(order.size):
        fetch_ahead(images, order[min(t + AHEAD, order.size - 1)])
        # After the last sample comes the first, whose scores are not looked at.
        following = order[t + 1] if t + 1 < order.size else order[0]
        x, next_x = samples[t % 2], samples[(t + 1) % 2]
        widen(images[following], _SCALE, next_x)
        label = labels[order[t]]
        softmax_in_place(scores, label)
        scores[label] -= 1.0
        for c in range(classes):
            scores[c] = -(learning_rate * scores[c])
        # A step and the next sample's scores in one go: the numbers are those of one after the other.
        full = classes // _ROWS * _ROWS
        for c in range(0, full, _ROWS):
            _step_rows(weights, c, scores, x, next_x, width, scores)
        for c in range(full, classes):
            _step_row(weights, c, scores, x, next_x, width, scores)


@compiled
def _count_correct(images: NDArray[np.uint8], labels: NDArray[np.int64], weights: NDArray[np.float64]) -> int:
    classes, width = weights.shape
    x = _samples(_SAMPLES, images.shape[1], weights)
    scores = np.empty((_SAMPLES, classes))
    correct = 0
    for first in range(0, labels.size, _SAMPLES):
        count = min(_SAMPLES, labels.size - first)
        for s in range(count):
            fetch_ahead(images, min(first + s + AHEAD, labels.size - 1))
            widen(images[first + s], _SCALE, x[s])
        for c in range(0, classes, _ROWS):
            _row_sums(weights, c, x, width, scores)
        for s in range(count):
            if np.argmax(scores[s]) == labels[first + s]:
                correct += 1
    return correct
