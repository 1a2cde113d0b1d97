"""Training of the models that use no machine-learning library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from octrepro.config import LogisticRegression, Mlp, Perceptron
from octrepro.core.prepared import Prepared
from octrepro.models import logistic_regression, mlp, perceptron
from octrepro.models.layers import Layer, predict
from octrepro.models.pixels import read_only
from octrepro.training.history import Epoch
from octrepro.training.orders import compounding_orders
from octrepro.training.result import Trained, Watch, has_diverged, unwatched


class Learner(Protocol):
    """A model that learns from one sample at a time.

    Attributes
    ----------
    updates
        How many times the weights were changed.
    """

    updates: int

    def train_epoch(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64], order: NDArray[np.int64]
    ) -> float | None:
        """Learn from each sample once; return the mean loss where the protocol records it."""

    def layers(self) -> list[Layer]:
        """A copy of the weights as they are now."""


def _perceptron(experiment: Perceptron, data: Prepared, generator: np.random.RandomState) -> Learner:
    return perceptron.Perceptron(data.features, data.classes)


def _logistic_regression(
    experiment: LogisticRegression, data: Prepared, generator: np.random.RandomState
) -> Learner:
    return logistic_regression.LogisticRegression(data.features, data.classes, experiment.learning_rate)


def _mlp(experiment: Mlp, data: Prepared, generator: np.random.RandomState) -> Learner:
    weights = initial_weights(experiment, data.features, data.classes, generator)
    return mlp.MultiLayerPerceptron(weights, experiment.learning_rate)


# How each model is made, by its name in params.yaml; `generator` draws initial weights.
LEARNERS: dict[str, Callable[[Any, Prepared, np.random.RandomState], Learner]] = {
    "perceptron": _perceptron,
    "logistic_regression": _logistic_regression,
    "mlp": _mlp,
}


def train_from_scratch(data: Prepared, experiment: Any, seed: int, watch: Watch = unwatched) -> Trained:
    """Train by the protocol: one sample at a time, in float64, permutations compounding over the epochs.

    Parameters
    ----------
    data
        The prepared data set.
    experiment
        The parameters of a model in `LEARNERS`.
    seed
        Of NumPy's legacy generator, which draws initial weights first and then each epoch's permutation.
    watch
        Wraps the epochs, for progress.
    """
    generator = np.random.RandomState(seed)
    learner = LEARNERS[experiment.model](experiment, data, generator)
    orders = compounding_orders(generator, len(data.train_labels))
    train_images = read_only(data.train_images)
    epochs: list[Epoch] = []
    for _ in watch(range(experiment.epochs)):
        loss = learner.train_epoch(train_images, data.train_labels, next(orders))
        layers = learner.layers()
        epochs.append(
            Epoch(
                train_loss=loss,
                train_accuracy=_accuracy(layers, data.train_images, data.train_labels),
                val_accuracy=_accuracy(layers, data.val_images, data.val_labels),
            )
        )
        if has_diverged(epochs[-1], layers):
            break
    return Trained(learner.layers(), epochs, learner.updates)


def initial_weights(
    experiment: Mlp, features: int, classes: int, generator: np.random.RandomState
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Normal draws for the hidden layer, shape (hidden_size, features), then the output layer's."""
    mean, sd = experiment.init_mean, experiment.init_sd
    hidden = generator.normal(mean, sd, (experiment.hidden_size, features))
    output = generator.normal(mean, sd, (classes, experiment.hidden_size))
    return hidden, output


def _accuracy(layers: list[Layer], images: NDArray[np.uint8], labels: NDArray[np.int64]) -> float:
    return int(np.count_nonzero(predict(images, layers) == labels)) / len(labels)
