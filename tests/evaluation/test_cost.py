from itertools import pairwise

import numpy as np

from octrepro.config import Feedforward, LogisticRegression, Mlp, Perceptron
from octrepro.evaluation.cost import multiply_adds, parameter_count
from octrepro.models.layers import Layer


def layers(*sizes: int) -> list[Layer]:
    return [Layer(np.zeros((n, m)), np.zeros(n)) for m, n in pairwise(sizes)]


def test_parameters_are_weights_and_biases() -> None:
    assert parameter_count(layers(784, 4)) == 785 * 4
    assert parameter_count(layers(784, 200, 200, 4)) == 785 * 200 + 201 * 200 + 201 * 4


def test_counts_multiply_adds_of_a_network() -> None:
    experiment = Feedforward(
        model="feedforward", epochs=1, learning_rate=1, batch_size=1, hidden_size=3, hidden_layers=1
    )
    per_sample = 2 * (5 * 3) + 3 * (3 * 2)
    assert multiply_adds(experiment, layers(5, 3, 2), 10, 4, 40) == 40 * per_sample
    mlp = Mlp(model="mlp", epochs=1, learning_rate=1, hidden_size=3)
    assert multiply_adds(mlp, layers(5, 3, 2), 10, 4, 40) == 40 * per_sample


def test_linear_models_from_scratch_have_a_constant_feature() -> None:
    logistic = LogisticRegression(model="logistic_regression", epochs=1, learning_rate=1)
    assert multiply_adds(logistic, layers(5, 2), 10, 4, 40) == 40 * 2 * 6 * 2
    perceptron = Perceptron(model="perceptron", epochs=1)
    assert multiply_adds(perceptron, layers(5, 2), 10, 4, 7) == 40 * 6 * 2 + 7 * 2 * 6
