"""Random numbers that are the same bits on every machine.

Two rules make them so. Only the raw 64-bit words of PCG64 are used, a stream that NumPy promises not to
change (the distributions built on it carry no such promise). And words become numbers by table look-up,
addition, multiplication and division alone, which IEEE 754 rounds the same way everywhere; `exp` or `sin` may
differ in the last bit between processors.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

SPECKLE_ONE = 4096
"""The integer that stands for 1 in the table of `speckle_quantiles`."""


class Stream:
    """A stream of random numbers fixed by a few integers.

    Parameters
    ----------
    *seed : int
        Non-negative integers. Streams of different seeds are independent.
    """

    def __init__(self, *seed: int) -> None:
        self._words = np.random.PCG64(np.random.SeedSequence(seed))

    def bytes(self, *shape: int) -> NDArray[np.uint8]:
        """Draw integers from 0 to 255, uniformly, as an array of the given shape."""
        count = math.prod(shape)
        words = self._words.random_raw(-(-count // 8)).astype("<u8", copy=False)
        return words.view(np.uint8)[:count].reshape(shape)

    def uniform(self, low: float, high: float, *shape: int) -> Floats:
        """Draw numbers from `low` (included) to `high` (excluded), in steps of 1/2**24 of the range."""
        words = self._words.random_raw(math.prod(shape)) >> np.uint64(40)
        unit = words.astype(np.float32) * np.float32(2.0**-24)
        return (np.float32(low) + unit * np.float32(high - low)).reshape(shape)

    def chance(self, probability: float, *shape: int) -> NDArray[np.bool_]:
        """Draw booleans that are true with the given probability."""
        return self.uniform(0.0, 1.0, *shape) < np.float32(probability)

    def permutation(self, count: int) -> Integers:
        """Draw an order of the integers below `count`, all orders equally likely."""
        return np.argsort(self._words.random_raw(count), kind="stable").astype(np.int64)


@cache
def speckle_quantiles(looks: int) -> NDArray[np.uint16]:
    """Tabulate the gamma distribution of multiplicative speckle, mean 1, for look-up by a random byte.

    Entry i is the quantile at probability (i + 1/2) / 256 of the mean of `looks` exponential variates, the
    intensity of fully developed speckle averaged over that many looks, in units of 1 / `SPECKLE_ONE`.
    Rounding to an integer hides the last-bit differences of `exp` between machines.

    Parameters
    ----------
    looks : int
        Shape of the gamma distribution, at least 1. Its standard deviation is ``looks ** -0.5``.

    Returns
    -------
    NDArray[np.uint16]
        Shape (256,), ascending.

    References
    ----------
    J. W. Goodman, "Some fundamental properties of speckle", J. Opt. Soc. Am. 66, 1145 (1976).
    """
    quantiles = [exact_quantile((i + 0.5) / 256, looks) / looks for i in range(256)]
    return np.array([round(q * SPECKLE_ONE) for q in quantiles], dtype=np.uint16)


def exact_quantile(probability: float, looks: int) -> float:
    """Find by bisection where the distribution function of a sum of `looks` exponentials is `probability`."""
    low, high = 0.0, 20.0 * looks
    for _ in range(80):
        middle = (low + high) / 2
        term, total = 1.0, 1.0
        for k in range(1, looks):
            term *= middle / k
            total += term
        if 1.0 - math.exp(-middle) * total < probability:
            low = middle
        else:
            high = middle
    return low
