"""The multi-class perceptron.

Pixels are multiples of 1/256 and the weights start at zero, so every weight stays a multiple of 1/256 and
every score one of 1/65536. All of them are exact in float64, and so the order of a sum does not matter.
"""

import numpy as np
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled
from octrepro.arithmetic.sums import add_multiple, inner_products
from octrepro.config import experiments
from octrepro.core.prepared import Images, Labels, Prepared
from octrepro.models.layers import Layer
from octrepro.models.pixels import scale


class Perceptron:
    """Weights W of shape (classes, features + 1), zero at first; the last column is the bias.

    It predicts argmax W x, the first class among equals. On a mistake W[true] += x and W[predicted] -= x.

    References
    ----------
    F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the
    brain", *Psychological Review* 65(6), 1958.
    """

    def __init__(
        self, experiment: experiments.Perceptron, data: Prepared, generator: np.random.RandomState
    ) -> None:
        self._weights = np.zeros((data.classes, data.features + 1))
        self.updates = 0

    def train_epoch(self, images: Images, labels: Labels, order: NDArray[np.int64]) -> None:
        """Learn from each image once, in `order`, a permutation of shape (n,)."""
        self.updates += _train(images, labels, order, self._weights)

    def layers(self) -> list[Layer]:
        """The model, float64."""
        return [Layer(self._weights[:, :-1].copy(), self._weights[:, -1].copy())]


@compiled
def _train(images: Images, labels: Labels, order: NDArray[np.int64], weights: NDArray[np.float64]) -> int:
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
