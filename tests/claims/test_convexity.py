import itertools

import numpy as np

from octrepro.claims import convexity


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
