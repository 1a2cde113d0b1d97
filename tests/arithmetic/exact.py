"""Fused multiply-adds in exact arithmetic."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray


def rounded(value: Fraction, dtype: type) -> Any:
    """The number of `dtype` nearest to `value`, an even last digit among equals."""
    near = dtype(float(value))  # for float32 rounded twice, so that a neighbor may be nearer
    candidates = (near, *(np.nextafter(near, dtype(end)) for end in (-np.inf, np.inf)))
    return min(candidates, key=lambda number: abs(Fraction(float(number)) - value))


def chain(a: NDArray[Any], b: NDArray[Any], dtype: type = np.float64, start: Any = 0.0) -> Any:
    """start + a[0] b[0] + a[1] b[1] + ..., each product and sum rounded together, once."""
    total = dtype(start)
    for x, y in zip(a.tolist(), b.tolist(), strict=True):
        total = rounded(Fraction(x) * Fraction(y) + Fraction(float(total)), dtype)
    return total
