from itertools import pairwise

import numpy as np
import pytest

from octrepro.config import Experiment, Feedforward, LogisticRegression, Mlp, Perceptron
from octrepro.evaluation.cost import multiply_adds
from octrepro.models.layers import Layer
from octrepro.training.result import Epoch, Trained

RATE = {"epochs": 4, "learning_rate": 1.0}
HIDDEN = {"hidden_size": 3, "hidden_layers": 1}
# Ten samples, four epochs; per sample 15 weights in the first layer, 6 in the second.
NETWORK = 40 * (2 * 15 + 3 * 6)


@pytest.mark.parametrize(
    ("experiment", "sizes", "updates", "expected"),
    [
        (Feedforward(model="feedforward", batch_size=1, **RATE, **HIDDEN), (5, 3, 2), 40, NETWORK),
        (Mlp(model="mlp", **RATE, hidden_size=3), (5, 3, 2), 40, NETWORK),
        # Linear models from scratch have a constant feature.
        (LogisticRegression(model="logistic_regression", **RATE), (5, 2), 40, 40 * 2 * 6 * 2),
        (Perceptron(model="perceptron", epochs=4), (5, 2), 7, 40 * 6 * 2 + 7 * 2 * 6),
    ],
)
def test_counts_multiply_adds(
    experiment: Experiment, sizes: tuple[int, ...], updates: int, expected: int
) -> None:
    layers = [Layer(np.zeros((n, m)), np.zeros(n)) for m, n in pairwise(sizes)]
    assert multiply_adds(experiment, Trained(layers, [Epoch()] * 4, updates), samples=10) == expected
