"""Exponential and logarithm from IEEE additions, multiplications and divisions alone.

The C library's functions may differ in the last bit from one processor or system to another. These are the
same sequence of correctly rounded operations everywhere, and stay within two units in the last place.

References
----------
W. J. Cody and W. Waite, *Software Manual for the Elementary Functions*, Prentice-Hall, 1980: reduction of the
argument by a logarithm of two held in two parts.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled

# ln 2 in two parts; the first has 32 binary places, so that k * LN2_HIGH is exact for |k| < 2**20.
LN2_HIGH = math.ldexp(round(math.ldexp(math.log(2.0), 32)), -32)
LN2_LOW = -4.2009150726810846e-11
INVERSE_LN2 = 1.0 / math.log(2.0)

# Below it the result would be a subnormal number; a softmax cannot tell it from zero.
SMALLEST_EXPONENT = -708.0
LARGEST_EXPONENT = 709.0

# Coefficients of the series, those of the highest powers first: 1/13!, ..., 1/2! and 1/23, 1/21, ..., 1/3.
_EXP = tuple(1.0 / math.factorial(n) for n in range(13, 1, -1))
_LOG = tuple(1.0 / n for n in range(23, 2, -2))

_MANTISSA = np.int64((1 << 52) - 1)
_ONE = np.int64(1023 << 52)


@compiled
def exp(x: float) -> float:
    """e**x; zero below -708, infinity above 709, NaN for NaN.

    With k the integer nearest to x / ln 2 and r = x - k ln 2, at most 0.35 in size: 2**k times the Taylor
    polynomial of degree 13 in r, whose remainder is below 1e-17.
    """
    if x < SMALLEST_EXPONENT:
        return 0.0
    if x > LARGEST_EXPONENT:
        return math.inf
    if x != x:
        return x
    k = math.floor(x * INVERSE_LN2 + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    tail = 0.0
    for coefficient in _EXP:
        tail = tail * r + coefficient
    # The largest terms are added last, so that only they are rounded visibly.
    mantissa = 1.0 + (r + r * r * tail)
    power_of_two = np.int64((np.int64(k) + 1023) << 52).view(np.float64)
    return mantissa * power_of_two


@compiled
def log(x: float) -> float:
    """The natural logarithm of a positive normal number; NaN and infinity pass through.

    With x = 2**k m, m between sqrt(1/2) and sqrt(2), and s = (m - 1) / (m + 1):
    k ln 2 + 2 (s + s**3/3 + s**5/5 + ...), cut after s**23, below 1e-18.
    """
    if x != x or x == math.inf:
        return x
    bits = np.float64(x).view(np.int64)
    k = (bits >> 52) - 1023
    m = np.int64((bits & _MANTISSA) | _ONE).view(np.float64)
    if m > 1.4142135623730951:
        m *= 0.5
        k += 1
    f = m - 1.0
    s = f / (2.0 + f)
    q = s * s
    series = 0.0
    for coefficient in _LOG:
        series = series * q + coefficient
    # 2 s = f - s f: with f exact, this form keeps full precision near x = 1.
    fraction = f - s * (f - 2.0 * q * series)
    return k * LN2_HIGH + (k * LN2_LOW + fraction)


@compiled
def tanh(x: float) -> float:
    """The hyperbolic tangent, to about 1e-14 of its size; NaN for NaN.

    For |x| below 0.03 its Taylor polynomial of degree 9, else 1 - 2 / (e**(2|x|) + 1) with the sign of x.
    """
    size = abs(x)
    if size < 0.03:
        q = x * x
        return x - x * q * (1.0 / 3.0 - q * (2.0 / 15.0 - q * (17.0 / 315.0 - q * (62.0 / 2835.0))))
    value = 1.0 - 2.0 / (exp(2.0 * size) + 1.0)
    return value if x > 0.0 else -value


@compiled
def tanh_of(x: NDArray[Any]) -> NDArray[Any]:
    """The hyperbolic tangent of each number of a matrix, in float64, rounded to the matrix's type."""
    out = np.empty_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = tanh(np.float64(x[i, j]))
    return out
