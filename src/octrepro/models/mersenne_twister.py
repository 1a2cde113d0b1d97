"""PyTorch's random numbers on the CPU, drawn many at a time.

Both are the Mersenne Twister MT19937. PyTorch calls it once for each word; here a whole turn of its state is
computed at once, in loops that become vector instructions.

References
----------
M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudorandom
number generator", *ACM Transactions on Modeling and Computer Simulation* 8(1), 1998.
"""

from __future__ import annotations

import math
import struct

import numpy as np
from numpy.typing import NDArray

from octrepro.models.compiled import compiled

Words = NDArray[np.uint32]
Position = NDArray[np.int64]

_SIZE = 624
_SHIFT = 397
_UPPER = np.uint32(0x80000000)
_LOWER = np.uint32(0x7FFFFFFF)
_MATRIX = np.uint32(0x9908B0DF)
_ONE = np.uint32(1)

# PyTorch makes a double of the lower 53 bits of two words.
_MANTISSA_BITS = 53
_MANTISSA = np.uint64((1 << _MANTISSA_BITS) - 1)

# seed: uint64, words left: int32, seeded: int32, next word: uint64, then the words as uint64
_HEADER = struct.Struct("<QiiQ")


class Stream:
    """A generator that goes on where a CPU generator of PyTorch stands, without moving that one.

    Parameters
    ----------
    state
        What `torch.Generator.get_state` or `torch.get_rng_state` gives, as bytes.

    Attributes
    ----------
    state
        uint32, shape (2, 624): the generator's state, and the random words made from it.
    position
        int64, shape (1,): how many of these words are used up.
    """

    def __init__(self, state: bytes) -> None:
        _, left, _, following = _HEADER.unpack_from(state)
        words = np.frombuffer(state, dtype="<u8", count=_SIZE, offset=_HEADER.size)
        self.state = np.empty((2, _SIZE), dtype=np.uint32)
        self.state[0] = words
        _temper(self.state[0], self.state[1])
        self.position = np.array([_SIZE if left == 1 else following], dtype=np.int64)

    def bernoulli(self, probability: float, out: NDArray[np.float32]) -> None:
        """Set each element of `out`, shape (n,), to 1 with this probability, else 0."""
        draw_bernoulli(self.state, self.position, float(probability), out)


@compiled
def _twist(state: Words) -> None:
    """Replace the state by the next one."""
    for i in range(_SIZE - _SHIFT):
        y = (state[i] & _UPPER) | (state[i + 1] & _LOWER)
        state[i] = state[i + _SHIFT] ^ (y >> _ONE) ^ (_MATRIX * (y & _ONE))
    for i in range(_SIZE - _SHIFT, _SIZE - 1):
        y = (state[i] & _UPPER) | (state[i + 1] & _LOWER)
        state[i] = state[i + _SHIFT - _SIZE] ^ (y >> _ONE) ^ (_MATRIX * (y & _ONE))
    y = (state[_SIZE - 1] & _UPPER) | (state[0] & _LOWER)
    state[_SIZE - 1] = state[_SHIFT - 1] ^ (y >> _ONE) ^ (_MATRIX * (y & _ONE))


@compiled
def _temper(state: Words, words: Words) -> None:
    """Make random words of a state."""
    for i in range(_SIZE):
        y = state[i]
        y ^= y >> np.uint32(11)
        y ^= (y << np.uint32(7)) & np.uint32(0x9D2C5680)
        y ^= (y << np.uint32(15)) & np.uint32(0xEFC60000)
        words[i] = y ^ (y >> np.uint32(18))


@compiled
def _next_word(state: Words, position: Position) -> np.uint32:
    if position[0] == _SIZE:
        _twist(state[0])
        _temper(state[0], state[1])
        position[0] = 0
    word: np.uint32 = state[1, position[0]]
    position[0] += 1
    return word


@compiled
def _is_below(first: np.uint32, second: np.uint32, bound: np.uint64) -> np.float32:
    number = ((np.uint64(first) << np.uint64(32)) | np.uint64(second)) & _MANTISSA
    return np.float32(1.0) if number < bound else np.float32(0.0)


@compiled
def draw_bernoulli(state: Words, position: Position, probability: float, out: NDArray[np.float32]) -> None:
    """As `Stream.bernoulli`: 1 where a double made of two words, between 0 and 1, is below `probability`."""
    # Both are multiples of 2**-53 after rounding up, so whole numbers can be compared.
    bound = np.uint64(math.ceil(probability * float(1 << _MANTISSA_BITS)))
    done = 0
    while done < out.size:
        pairs = min((_SIZE - position[0]) // 2, out.size - done)
        if pairs == 0:
            # The state is used up, or has one word left, whose other half comes from the next.
            first = _next_word(state, position)
            out[done] = _is_below(first, _next_word(state, position), bound)
            done += 1
            continue
        words = state[1, position[0] : position[0] + 2 * pairs]
        part = out[done : done + pairs]
        for i in range(pairs):
            part[i] = _is_below(words[2 * i], words[2 * i + 1], bound)
        position[0] += 2 * pairs
        done += pairs
