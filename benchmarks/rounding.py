"""How much rounding decides of the multi-layer perceptron: the same training in blocks of different sizes.

In exact arithmetic a block's size changes nothing, so whatever differs is rounding, amplified by training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from octrepro.config import Mlp
from octrepro.core.prepared import Prepared
from octrepro.models.layers import predict
from octrepro.models.mlp import MultiLayerPerceptron
from octrepro.training.from_scratch import initial_weights
from octrepro.training.orders import compounding_orders

BLOCKS = (1, 16, 32, 64)


@dataclass(frozen=True)
class Outcome:
    """One training.

    Attributes
    ----------
    block
        Samples per block; 1 is the plain algorithm.
    init_sd
        Standard deviation of the initial weights.
    losses
        Mean cross-entropy of each epoch in nats.
    val_accuracy, test_accuracy
        After the last epoch.
    """

    block: int
    init_sd: float
    losses: list[float]
    val_accuracy: float
    test_accuracy: float


def measure_rounding(
    data: Prepared, experiment: Mlp, seed: int, blocks: Sequence[int] = BLOCKS
) -> list[Outcome]:
    """Train once for each of `blocks`, all else equal.

    Parameters
    ----------
    data
        Any prepared data set.
    experiment
        The perceptron, its initial standard deviation included.
    seed
        Of weights and orders.
    """
    return [_train(data, experiment, seed, block) for block in blocks]


def spread(values: Sequence[float]) -> float:
    """Largest minus smallest."""
    return max(values) - min(values)


def _train(data: Prepared, experiment: Mlp, seed: int, block: int) -> Outcome:
    generator = np.random.RandomState(seed)
    weights = initial_weights(experiment, data.features, data.classes, generator)
    learner = MultiLayerPerceptron(weights, experiment.learning_rate, block)
    orders = compounding_orders(generator, len(data.train_labels))
    images = np.asarray(data.train_images)
    losses = [learner.train_epoch(images, data.train_labels, next(orders)) for _ in range(experiment.epochs)]
    val = predict(data.val_images, learner.layers())
    test = predict(data.test_images[data.test_indices], learner.layers())
    return Outcome(
        block,
        experiment.init_sd,
        losses,
        float(np.mean(val == data.val_labels)),
        float(np.mean(test == data.test_labels[data.test_indices])),
    )
