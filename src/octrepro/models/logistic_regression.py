"""Softmax regression trained one sample at a time."""

import numpy as np
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled
from octrepro.arithmetic.softmax import softmax_in_place
from octrepro.arithmetic.sums import add_multiple, inner_products
from octrepro.config import experiments
from octrepro.core.prepared import Images, Labels, Prepared
from octrepro.models.layers import Layer
from octrepro.models.pixels import scale


class LogisticRegression:
    """Weights W of shape (classes, features + 1), zero at first; the last column is the bias.

    For each sample x with a constant 1 appended and one-hot label y: W -= eta (softmax(W x) - y) x^T. This is
    stochastic gradient descent on the cross-entropy.
    """

    def __init__(
        self, experiment: experiments.LogisticRegression, data: Prepared, generator: np.random.RandomState
    ) -> None:
        self._weights = np.zeros((data.classes, data.features + 1))
        self._learning_rate = experiment.learning_rate
        self.updates = 0

    def train_epoch(self, images: Images, labels: Labels, order: NDArray[np.int64]) -> None:
        """Learn from each image once, in `order`, a permutation of shape (n,)."""
        _train(images, labels, order, self._weights, self._learning_rate)
        self.updates += order.size

    def layers(self) -> list[Layer]:
        """The model, float64."""
        return [Layer(self._weights[:, :-1].copy(), self._weights[:, -1].copy())]


@compiled
def _train(
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
