import math
from collections.abc import Callable

import numpy as np
import pytest

from octrepro.arithmetic.elementary import exp, log, tanh, tanh_of

RNG = np.random.default_rng(1)
EXPONENTS = [
    -RNG.exponential(30, 4000),
    *(RNG.normal(0, scale, 4000) for scale in (1, 1e-6)),
    RNG.uniform(-708, 709, 4000),
    [0.0, -0.0, 1.0, -708.0, 709.0, math.log(2) / 2],
]
ARGUMENTS = [
    1 + RNG.exponential(1, 4000),
    *(1 + sign * 10 ** RNG.uniform(-15, -0.1, 4000) for sign in (1, -1)),
    10 ** RNG.uniform(-300, 300, 4000),
    [2.0, 0.5, math.sqrt(2), math.sqrt(0.5), 4.0],
]


@pytest.mark.parametrize(
    ("ours", "library", "points"),
    [(exp, math.exp, np.concatenate(EXPONENTS)), (log, math.log, np.concatenate(ARGUMENTS))],
)
def test_exp_and_log_are_accurate_to_two_ulps(
    ours: Callable[[float], float], library: Callable[[float], float], points: np.ndarray
) -> None:
    for x in points.tolist():
        assert abs(ours(x) - library(x)) <= 2 * math.ulp(library(x))


@pytest.mark.parametrize("scale", [1e-300, 1e-8, 0.01, 0.03, 1.0, 30.0, 1e300])
def test_tanh_is_accurate_to_1e_14(scale: float) -> None:
    x = np.concatenate([np.random.default_rng(2).normal(0, scale, 2000), [scale, -scale]])
    expected = [math.tanh(value) for value in x]
    np.testing.assert_allclose(tanh_of(x[None])[0], expected, rtol=1e-14, atol=0.0)
    single = x[None].clip(-50, 50).astype(np.float32)
    assert tanh_of(single).tolist() == [[float(np.float32(tanh(value))) for value in single[0].tolist()]]


def test_limits_and_nan() -> None:
    assert exp(0.0) == 1.0
    assert exp(-709.0) == exp(-math.inf) == 0.0
    assert exp(710.0) == exp(math.inf) == math.inf
    assert log(1.0) == 0.0
    assert log(math.inf) == math.inf
    assert (tanh(math.inf), tanh(-math.inf), tanh(0.0)) == (1.0, -1.0, 0.0)
    assert all(math.isnan(function(math.nan)) for function in (exp, log, tanh))
