"""Fused multiply-adds in exact arithmetic."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray


def rounded(value: Fraction, dtype: type) -> Any:
    """The number of `dtype` nearest to `value`, an even last digit among equals; for normal numbers."""
    digits = np.finfo(dtype).nmant + 1
    if value == 0:
        return dtype(0)
    exponent = abs(value.numerator).bit_length() - value.denominator.bit_length()
    if abs(value) < Fraction(2) ** exponent:
        exponent -= 1
    unit = Fraction(2) ** (exponent - digits + 1)
    # Python rounds a fraction to the nearest integer, the even one among equals, in one step.
    return dtype(float(round(value / unit) * unit))


def chain(a: NDArray[Any], b: NDArray[Any], dtype: type = np.float64, start: Any = 0.0) -> Any:
    """start + a[0] b[0] + a[1] b[1] + ..., each product and sum rounded together, once."""
    total = dtype(start)
    for x, y in zip(a.tolist(), b.tolist(), strict=True):
        total = rounded(Fraction(x) * Fraction(y) + Fraction(float(total)), dtype)
    return total
