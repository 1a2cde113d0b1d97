"""Why logistic regression is less expressive than a multi-layer perceptron, in exact integers.

Exclusive-or of two signs: four points no linear model classifies right, and a network of two hidden ReLU
units that does.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

POINTS: Integers = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
LABELS: Integers = np.array([-1, 1, 1, -1])
# One for each point: see refutes_linear_models.
MULTIPLIERS: Integers = np.array([1, 1, 1, 1])


def refutes_linear_models(points: Integers, labels: Integers, multipliers: Integers) -> bool:
    """Whether the multipliers prove that no linear model classifies the points right.

    If y_i (w . x_i + b) > 0 held for every i, any sum of these with multipliers >= 0, not all 0, would be
    positive. Where sum_i m_i y_i (x_i, 1) = 0, that sum is 0 whatever w and b are: a contradiction.

    Parameters
    ----------
    points
        Shape (points, features).
    labels
        -1 or +1, shape (points,).
    multipliers
        Shape (points,).

    References
    ----------
    P. Gordan (1873), Mathematische Annalen 6: the theorem of the alternative, by which such multipliers
    exist whenever no linear model separates the points.
    """
    extended = np.column_stack([points, np.ones(len(points), dtype=np.int64)])
    balance = (multipliers * labels) @ extended
    return bool((multipliers >= 0).all() and (multipliers > 0).any() and not balance.any())


def relu_network(points: Integers) -> Integers:
    """Scores of a network of two hidden ReLU units, 1 - relu(x1 + x2) - relu(-x1 - x2), shape (points,)."""
    hidden = np.maximum(points @ np.array([[1, -1], [1, -1]]), 0)
    return np.asarray(1 - hidden.sum(axis=1), dtype=np.int64)


def linear_models_as_networks(points: Integers) -> tuple[int, int]:
    """How many of the linear models with weights and bias in -1, 0, 1 a ReLU network reproduces exactly.

    With hidden units relu(x) and relu(-x), and output weights w and -w, a network computes w . x, since
    relu(z) - relu(-z) = z. So networks can do all that linear models can.

    Returns
    -------
    reproduced, models
        Counts.
    """
    hidden = np.maximum(np.concatenate([points, -points], axis=1), 0)
    models = list(itertools.product((-1, 0, 1), repeat=points.shape[1] + 1))
    reproduced = 0
    for *weights, bias in models:
        w = np.array(weights)
        network = hidden @ np.concatenate([w, -w]) + bias
        reproduced += bool((network == points @ w + bias).all())
    return reproduced, len(models)
