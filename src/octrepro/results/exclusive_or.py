"""Exclusive-or of two signs: four points that no linear model classifies correctly and two ReLU units do.

Exact in integers, but for the loss; the same for every data set. Claims and figures show this one network.
"""

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

POINTS: Integers = np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]])
LABELS: Integers = np.array([-1, -1, 1, 1])
# One for each point: see refutes_linear_models.
MULTIPLIERS: Integers = np.array([1, 1, 1, 1])
# The hidden weights of the network, a row for each unit, and the factor of its output.
HIDDEN: Integers = np.array([[1, -1], [-1, 1]])
SCALE = 3


def network(points: NDArray[Any], hidden: NDArray[Any] = HIDDEN) -> NDArray[Any]:
    """Scores of two hidden ReLU units at points of shape (n, 2): SCALE (relu(h1 . x) + relu(h2 . x) - 1).

    With HIDDEN this is SCALE (abs(x1 - x2) - 1).
    """
    return np.asarray(SCALE * (np.maximum(points @ hidden.T, 0).sum(axis=1) - 1))


def logistic_loss(scores: NDArray[Any], labels: Integers) -> float:
    """Mean cross-entropy, in nats, of scores for labels -1 and +1."""
    return float(np.logaddexp(0, -labels * scores).mean())


def losses_between_twins(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Losses on the way from the network, at 0, to the same network with its two units exchanged, at 1."""
    mixed = [(1 - t) * HIDDEN + t * HIDDEN[::-1] for t in positions]
    return np.array([logistic_loss(network(POINTS, hidden), LABELS) for hidden in mixed])


def refutes_linear_models(points: Integers, labels: Integers, multipliers: Integers) -> bool:
    """Whether the multipliers, one a point, prove that no linear model classifies the points correctly.

    If y_i (w . x_i + b) > 0 held for every i, any sum of these with multipliers >= 0, not all 0, would be
    positive. Where sum_i m_i y_i (x_i, 1) = 0, that sum is 0 whatever w and b are: a contradiction. There are
    such multipliers whenever no linear model separates the points: P. Gordan (1873), Mathematische Annalen 6.
    """
    extended = np.column_stack([points, np.ones(len(points), dtype=np.int64)])
    balance = (multipliers * labels) @ extended
    return bool((multipliers >= 0).all() and (multipliers > 0).any() and not balance.any())


def linear_models_as_networks(points: Integers) -> tuple[int, int]:
    """How many linear models with weights and bias in -1, 0, 1 a ReLU network reproduces, and of how many.

    With hidden units relu(x) and relu(-x), and output weights w and -w, a network computes w . x, since
    relu(z) - relu(-z) = z. So networks can do all that linear models can.
    """
    hidden = np.maximum(np.concatenate([points, -points], axis=1), 0)
    models = np.array(list(itertools.product((-1, 0, 1), repeat=points.shape[1] + 1)))
    weights, biases = models[:, :-1], models[:, -1]
    same = hidden @ np.concatenate([weights, -weights], axis=1).T + biases == points @ weights.T + biases
    return int(same.all(axis=0).sum()), len(models)
