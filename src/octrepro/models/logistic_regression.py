"""Softmax regression trained one sample at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from octrepro.models.aligned import aligned
from octrepro.models.blocks import add_to, products
from octrepro.models.compiled import compiled
from octrepro.models.layers import Layer
from octrepro.models.softmax import softmax_in_place
from octrepro.models.vector_loops import AHEAD, PARTIAL_SUMS, fetch_ahead

_SCALE = 1.0 / 256.0


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
def _sample(pixels: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Room for a sample: its pixels, the constant 1, and zeros up to the width of `weights`."""
    x: NDArray[np.float64] = aligned(1, weights.shape[1], weights)[0]
    x[:] = 0.0
    x[pixels] = 1.0
    return x


@compiled
def _load(pixels: NDArray[np.uint8], x: NDArray[np.float64]) -> None:
    for j in range(pixels.size):
        x[j] = pixels[j] * _SCALE


@compiled
def _train(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    order: NDArray[np.int64],
    weights: NDArray[np.float64],
    learning_rate: float,
) -> None:
    classes = weights.shape[0]
    x = _sample(images.shape[1], weights)
    scores = np.empty(classes)
    for t in range(order.size):
        fetch_ahead(images, order[min(t + AHEAD, order.size - 1)])
        _load(images[order[t]], x)
        label = labels[order[t]]
        products(weights, x, scores)
        softmax_in_place(scores, label)
        scores[label] -= 1.0
        for c in range(classes):
            add_to(weights[c], -(learning_rate * scores[c]), x)


@compiled
def _count_correct(images: NDArray[np.uint8], labels: NDArray[np.int64], weights: NDArray[np.float64]) -> int:
    classes = weights.shape[0]
    x = _sample(images.shape[1], weights)
    scores = np.empty(classes)
    correct = 0
    for i in range(labels.size):
        _load(images[i], x)
        products(weights, x, scores)
        if np.argmax(scores) == labels[i]:
            correct += 1
    return correct
