"""The two linear models from scratch, trained one sample at a time.

Both have weights W of shape (classes, features + 1), zero at first. The last column is the bias: each sample
x has a constant 1 appended.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled
from octrepro.arithmetic.softmax import softmax_in_place
from octrepro.arithmetic.sums import add_multiple, inner_products
from octrepro.core.prepared import Images, Labels, Prepared
from octrepro.models.layers import Layer
from octrepro.models.pixels import scale


class _Linear:
    """What the two have in common: all but how they learn."""

    def __init__(self, experiment: Any, data: Prepared, generator: np.random.RandomState) -> None:
        self._experiment = experiment
        self._weights = np.zeros((data.classes, data.features + 1))
        self.updates = 0

    def layers(self) -> list[Layer]:
        """The model, float64."""
        return [Layer(self._weights[:, :-1].copy(), self._weights[:, -1].copy())]


class Perceptron(_Linear):
    """It predicts argmax W x, the first class among equals. On a mistake W[true] += x, W[predicted] -= x.

    Pixels are multiples of 1/256 and the weights start at zero, so every weight stays a multiple of 1/256 and
    every score one of 1/65536. All of them are exact in float64, so the order of a sum does not matter.

    References
    ----------
    F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the
    brain", *Psychological Review* 65(6), 1958.
    """

    def train_epoch(self, images: Images, labels: Labels, order: NDArray[np.int64]) -> None:
        """Learn from each image once, in `order`, a permutation of shape (n,)."""
        self.updates += _learn_from_mistakes(images, labels, order, self._weights)


class LogisticRegression(_Linear):
    """Softmax regression: for each x with one-hot label y, W -= eta (softmax(W x) - y) x^T.

    This is stochastic gradient descent on the cross-entropy.
    """

    def train_epoch(self, images: Images, labels: Labels, order: NDArray[np.int64]) -> None:
        """Learn from each image once, in `order`, a permutation of shape (n,)."""
        _descend(images, labels, order, self._weights, self._experiment.learning_rate)
        self.updates += order.size


@compiled
def _learn_from_mistakes(
    images: Images, labels: Labels, order: NDArray[np.int64], weights: NDArray[np.float64]
) -> int:
    """Go through the images in order; the number of mistakes."""
    classes, size = weights.shape
    x, scores = np.ones(size), np.empty(classes)
    mistakes = 0
    for i in order:
        scale(images[i], x)
        inner_products(weights, x, scores)
        predicted = np.argmax(scores)
        if predicted != labels[i]:
            add_multiple(weights[labels[i]], 1.0, x)
            add_multiple(weights[predicted], -1.0, x)
            mistakes += 1
    return mistakes


@compiled
def _descend(
    images: Images,
    labels: Labels,
    order: NDArray[np.int64],
    weights: NDArray[np.float64],
    learning_rate: float,
) -> None:
    classes, size = weights.shape
    x, error = np.ones(size), np.empty(classes)
    for i in order:
        scale(images[i], x)
        inner_products(weights, x, error)
        softmax_in_place(error, labels[i])
        error[labels[i]] -= 1.0
        for c in range(classes):
            add_multiple(weights[c], -learning_rate * error[c], x)
