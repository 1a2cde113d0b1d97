"""Training of the models that use no machine-learning library."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from octrepro.config import LogisticRegression, Mlp, Perceptron
from octrepro.core.prepared import Prepared
from octrepro.models import logistic_regression, mlp, perceptron
from octrepro.models.layers import Layer
from octrepro.training.history import Epoch
from octrepro.training.orders import compounding_orders
from octrepro.training.result import Trained, Watch, has_diverged, unwatched


class Learner(Protocol):
    """A model that learns from one sample at a time."""

    updates: int

    def train_epoch(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64], order: NDArray[np.int64]
    ) -> float | None:
        """Learn from each sample once; return the mean loss where the protocol records it."""

    def count_correct(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> int:
        """How many images are predicted as labelled."""

    def layers(self) -> list[Layer]:
        """The weights as they are now."""


def train_from_scratch(
    data: Prepared, experiment: Perceptron | LogisticRegression | Mlp, seed: int, watch: Watch = unwatched
) -> Trained:
    """Train by the protocol: one sample at a time, in float64, permutations compounding over the epochs.

    Parameters
    ----------
    data
        The prepared data set.
    experiment
        The model and its parameters.
    seed
        Of NumPy's legacy generator, which draws initial weights first and then each epoch's permutation.
    watch
        Wraps the epochs, for progress.
    """
    generator = np.random.RandomState(seed)
    learner = _learner(data, experiment, generator)
    orders = compounding_orders(generator, len(data.train_labels))
    train_images, val_images = _unchanging(data.train_images), _unchanging(data.val_images)
    epochs: list[Epoch] = []
    for _ in watch(range(experiment.epochs)):
        loss = learner.train_epoch(train_images, data.train_labels, next(orders))
        epochs.append(
            Epoch(
                train_loss=loss,
                train_accuracy=_accuracy(learner, train_images, data.train_labels),
                val_accuracy=_accuracy(learner, val_images, data.val_labels),
            )
        )
        if has_diverged(epochs[-1], learner.layers()):
            break
    return Trained(learner.layers(), epochs, learner.updates)


def _learner(
    data: Prepared, experiment: Perceptron | LogisticRegression | Mlp, generator: np.random.RandomState
) -> Learner:
    if isinstance(experiment, Perceptron):
        return perceptron.Perceptron(data.features, data.classes)
    if isinstance(experiment, LogisticRegression):
        return logistic_regression.LogisticRegression(data.features, data.classes, experiment.learning_rate)
    weights = initial_weights(experiment, data.features, data.classes, generator)
    return mlp.MultiLayerPerceptron(weights, experiment.learning_rate)


def initial_weights(
    experiment: Mlp, features: int, classes: int, generator: np.random.RandomState
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Normal draws for the hidden layer, shape (hidden_size, features), then the output layer's."""
    mean, sd = experiment.init_mean, experiment.init_sd
    hidden = generator.normal(mean, sd, (experiment.hidden_size, features))
    output = generator.normal(mean, sd, (classes, experiment.hidden_size))
    return hidden, output


def _unchanging(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A read-only plain view, memory-mapped or not, so that one compiled form of each loop serves all."""
    view = np.asarray(images).view()
    view.flags.writeable = False
    return view


def _accuracy(learner: Learner, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> float:
    return learner.count_correct(images, labels) / len(labels)
