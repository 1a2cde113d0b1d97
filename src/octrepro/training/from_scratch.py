"""Training of the models that use no machine-learning library."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from octrepro.core.prepared import Images, Labels, Prepared
from octrepro.models import linear, mlp
from octrepro.models.layers import Layer, predict
from octrepro.training.result import Epoch, Trained, Watch


class Learner(Protocol):
    """A model that learns from one sample at a time."""

    updates: int  # how many times the weights were changed

    def train_epoch(self, images: Images, labels: Labels, order: NDArray[np.int64]) -> float | None:
        """Learn from each sample once; return the mean loss where the protocol records it."""

    def layers(self) -> list[Layer]:
        """A copy of the weights as they are now."""


# What makes each model, by its name in params.yaml; the generator draws initial weights.
LEARNERS: dict[str, Callable[[Any, Prepared, np.random.RandomState], Learner]] = {
    "perceptron": linear.Perceptron,
    "logistic_regression": linear.LogisticRegression,
    "mlp": mlp.MultiLayerPerceptron,
}


def train_from_scratch(data: Prepared, experiment: Any, seed: int, watch: Watch) -> Trained:
    """Train by the protocol: one sample at a time, in float64, permutations compounding over the epochs.

    The seed is that of NumPy's legacy generator, whose stream is frozen for good. It draws initial weights
    first and then each epoch's permutation.
    """
    generator = np.random.RandomState(seed)
    learner = LEARNERS[experiment.model](experiment, data, generator)
    orders = compounding_orders(generator, len(data.train_labels))
    epochs: list[Epoch] = []
    for number in watch(range(1, experiment.epochs + 1)):
        loss = learner.train_epoch(data.train_images, data.train_labels, next(orders))
        layers = learner.layers()
        epochs.append(
            {
                "epoch": number,
                "train_loss": loss,
                "train_accuracy": _accuracy(layers, data.train_images, data.train_labels),
                "val_accuracy": _accuracy(layers, data.val_images, data.val_labels),
            }
        )
        trained = Trained(layers, epochs, learner.updates)
        if trained.diverged:
            break
    return trained


def compounding_orders(generator: np.random.RandomState, n: int) -> Iterator[NDArray[np.int64]]:
    """Yield for each epoch where in the stored training set its samples lie, shape (n,).

    Each epoch's permutation reorders the already reordered set, so the permutations compound. Here the set
    stays where it is and only its index is reordered.
    """
    order = np.arange(n, dtype=np.int64)
    while True:
        order = order[generator.permutation(n)]
        yield order


def _accuracy(layers: list[Layer], images: Images, labels: Labels) -> float:
    return int(np.count_nonzero(predict(images, layers) == labels)) / len(labels)
