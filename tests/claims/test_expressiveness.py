import itertools

import numpy as np
from scipy.optimize import linprog

from octrepro.claims import convexity
from octrepro.claims.expressiveness import (
    LABELS,
    MULTIPLIERS,
    POINTS,
    Integers,
    linear_models_as_networks,
    refutes_linear_models,
    relu_network,
)


def linearly_separable(points: Integers, labels: Integers) -> bool:
    """By linear programming: weights and bias with y (w.x + b) >= 1 at every point."""
    rows = -labels[:, None] * np.column_stack([points, np.ones(len(points))])
    found = linprog(np.zeros(rows.shape[1]), rows, -np.ones(len(rows)), bounds=(None, None))
    return bool(found.success)


def test_the_certificate_refutes_exclusive_or() -> None:
    assert refutes_linear_models(POINTS, LABELS, MULTIPLIERS)
    assert not linearly_separable(POINTS, LABELS)


def test_no_multipliers_refute_what_a_line_separates() -> None:
    separable = [
        np.array(labels)
        for labels in itertools.product((-1, 1), repeat=4)
        if linearly_separable(POINTS, np.array(labels))
    ]
    assert len(separable) == 14  # all labellings of four points but exclusive-or and its negation
    for labels in separable:
        for multipliers in itertools.product((0, 1, 2), repeat=4):
            assert not refutes_linear_models(POINTS, labels, np.array(multipliers))


def test_multipliers_must_be_nonnegative_and_not_all_zero() -> None:
    assert not refutes_linear_models(POINTS, LABELS, np.zeros(4, dtype=np.int64))
    assert not refutes_linear_models(POINTS, LABELS, -MULTIPLIERS)


def test_the_relu_network_fits_exclusive_or() -> None:
    assert list(np.sign(relu_network(POINTS))) == list(LABELS)


def test_networks_reproduce_linear_models() -> None:
    assert linear_models_as_networks(POINTS) == (27, 27)


def test_hessian_is_that_of_the_loss_by_finite_differences() -> None:
    rng = np.random.default_rng(5)
    inputs, labels = rng.standard_normal((7, 3)), rng.integers(0, 4, 7)
    weights, h = rng.standard_normal((4, 3)), 1e-4
    hessian = convexity.logistic_hessian(weights, inputs)
    steps = h * np.eye(weights.size).reshape(-1, *weights.shape)

    def loss(w: convexity.Array) -> float:
        exponentials = np.exp(inputs @ w.T)
        shares = exponentials[np.arange(len(labels)), labels] / exponentials.sum(axis=1)
        return float(-np.log(shares).mean())

    for i, j in itertools.product(range(weights.size), repeat=2):
        mixed = (
            loss(weights + steps[i] + steps[j])
            - loss(weights + steps[i] - steps[j])
            - loss(weights - steps[i] + steps[j])
            + loss(weights - steps[i] - steps[j])
        ) / (4 * h**2)
        assert abs(hessian[i, j] - mixed) < 1e-6


def test_the_logistic_loss_curves_nowhere_down() -> None:
    smallest, largest, points = convexity.smallest_curvature()
    assert smallest == 0.0
    assert largest > 0.01
    assert points == 100


def test_a_step_of_the_mlp_follows_the_gradient_by_finite_differences() -> None:
    rng = np.random.default_rng(6)
    data = rng.standard_normal((5, 2)), rng.integers(0, 2, 5)
    mlp = convexity.Mlp(*(rng.standard_normal(shape) for shape in ((3, 2), (3,), (2, 3), (2,))))
    moved = mlp.step(*data, 1.0)
    for name in ("w1", "b1", "w2", "b2"):
        array = getattr(mlp, name)
        for index in np.ndindex(array.shape):
            losses = []
            for sign in (1, -1):
                nudged = {each: getattr(mlp, each).copy() for each in ("w1", "b1", "w2", "b2")}
                nudged[name][index] += sign * 1e-6
                losses.append(convexity.Mlp(**nudged).loss(*data))
            slope = (losses[0] - losses[1]) / 2e-6
            assert abs((array - getattr(moved, name))[index] - slope) < 1e-7


def test_two_trained_mlps_have_a_hill_between_them() -> None:
    first, second, middle = convexity.mlp_segment()
    assert max(first, second) < 0.01
    assert middle > 0.1
