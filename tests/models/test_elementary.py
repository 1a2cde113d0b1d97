import math

import numpy as np
import pytest

from octrepro.models.elementary import exp, log

RNG = np.random.default_rng(1)


def ulps(got: float, expected: float) -> float:
    return abs(got - expected) / math.ulp(expected)


@pytest.mark.parametrize(
    "points",
    [
        -RNG.exponential(30, 4000),
        RNG.normal(0, 1, 4000),
        RNG.normal(0, 1e-6, 1000),
        RNG.uniform(-708, 709, 4000),
        np.array([0.0, -0.0, 1.0, -708.0, 709.0, math.log(2) / 2]),
    ],
)
def test_exp_is_within_two_units_in_the_last_place(points: np.ndarray) -> None:
    assert max(ulps(exp(float(x)), math.exp(x)) for x in points) <= 2


@pytest.mark.parametrize(
    "points",
    [
        1 + RNG.exponential(1, 4000),
        1 + 10 ** RNG.uniform(-15, 0, 4000),
        1 - 10 ** RNG.uniform(-15, -1, 4000),
        10 ** RNG.uniform(-300, 300, 4000),
        np.array([2.0, 0.5, math.sqrt(2), math.sqrt(0.5), 4.0]),
    ],
)
def test_log_is_within_two_units_in_the_last_place(points: np.ndarray) -> None:
    assert max(ulps(log(float(x)), math.log(x)) for x in points) <= 2


def test_the_ends_of_their_ranges() -> None:
    assert exp(0.0) == 1.0
    assert exp(-709.0) == exp(-math.inf) == 0.0
    assert exp(710.0) == exp(math.inf) == math.inf
    assert log(1.0) == 0.0
    assert log(math.inf) == math.inf
    assert math.isnan(exp(math.nan))
    assert math.isnan(log(math.nan))
