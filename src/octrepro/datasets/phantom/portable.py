"""Random numbers and curves that are the same bits on every machine.

Two rules make them so. Only the raw 64-bit words of PCG64 are used, a stream that NumPy promises not to
change (the distributions built on it carry no such promise). And words become numbers by table look-up,
addition, multiplication and division alone, which IEEE 754 rounds the same way everywhere; `exp` or `sin` may
differ in the last bit between processors.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
"""float32 throughout: NumPy takes a plain number beside it for one of the same kind."""


class Stream:
    """A stream of random numbers fixed by a few non-negative integers; with others it is independent."""

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
        unit = words.astype(np.float32) * 2.0**-24
        return (low + unit * (high - low)).reshape(shape)

    def chance(self, probability: float, *shape: int) -> NDArray[np.bool_]:
        """Draw booleans that are true with the given probability."""
        return self.uniform(0.0, 1.0, *shape) < probability

    def permutation(self, count: int) -> NDArray[np.int64]:
        """Draw an order of the integers below `count`, all orders equally likely."""
        return np.argsort(self._words.random_raw(count), kind="stable").astype(np.int64)


def bump(distance: Floats) -> Floats:
    """Rise smoothly from 0 at distance -1 to 1 at 0 and back to 0 at 1; 0 beyond. Any shape."""
    inside: Floats = np.maximum(1 - distance * distance, 0)
    return inside * inside


def step(distance: Floats) -> Floats:
    """Rise smoothly from 0 at distance 0 to 1 at 1, constant before and after. Any shape."""
    t: Floats = np.clip(distance, 0, 1)
    return t * t * (3 - 2 * t)
