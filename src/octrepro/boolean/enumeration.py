"""h(x) against f(x) at every vertex x of {-1, +1}^D, in integers.

A vertex is a first half and a second half of its coordinates, so the dot product w.x is the sum of two
partial dot products, each over at most ceil(D / 2) entries of w. Both are tabulated from the entries and
added for every one of the 2^D vertices: nothing is assumed of the weights, and no product is computed
twice. Work is done in blocks that fit the processor's cache, which also bounds the memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.boolean.networks import Network

__all__ = ["Count", "Vertices", "compare"]

BLOCK = 1 << 15
LARGEST_INT64 = 2**62

Integers = NDArray[Any]  # int64, or Python integers (dtype object) where those could overflow


@dataclass(frozen=True, slots=True)
class Count:
    """How a network compares with f over all vertices.

    Attributes
    ----------
    evaluated
        Number of vertices, 2^D.
    mismatches
        How many of them have h(x) != f(x).
    first_mismatch
        Index of the first such vertex in lexicographic order (see `networks.vertex`), or None.
    """

    evaluated: int
    mismatches: int
    first_mismatch: int | None


class Vertices:
    """The vertices of {-1, +1}^D as two half-tables, and the sum of the coordinates of each.

    Attributes
    ----------
    dimension
        D.
    head, tail
        The vertices of the first and the second half of the coordinates, int64, shapes (2^ceil(D/2),
        ceil(D/2)) and (2^floor(D/2), floor(D/2)), in lexicographic order.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.head = _cube((dimension + 1) // 2)
        self.tail = _cube(dimension // 2)
        self.head_sums = self.head.sum(axis=1)
        self.tail_sums = self.tail.sum(axis=1)

    def blocks(self) -> Iterator[slice]:
        """Slices of the head whose product with the whole tail has about BLOCK vertices."""
        rows = max(1, BLOCK // len(self.tail))
        return (slice(start, start + rows) for start in range(0, len(self.head), rows))

    def sums(self, block: slice) -> Integers:
        """Sum of the coordinates of the block's vertices, shape (block, tail)."""
        sums: Integers = np.add.outer(self.head_sums[block], self.tail_sums)
        return sums


@lru_cache(maxsize=2)
def vertices(dimension: int) -> Vertices:
    """The vertices of {-1, +1}^D, kept while the same D is asked for."""
    return Vertices(dimension)


def compare(network: Network, A: int, B: int) -> Count:
    """Evaluate h at every vertex and compare it with f, which is +1 iff A <= sum(x) <= B.

    Parameters
    ----------
    network
        Its entries may be any integers: 64-bit arithmetic is used where it cannot overflow, else Python's.
    A, B
        The interval of f.
    """
    table = vertices(network.dimension)
    partial = [_partial_products(network, unit, table) for unit in (0, 1)]
    mismatches, first = 0, None
    for block in table.blocks():
        sums = table.sums(block)
        wrong = _responses(network, partial, block) != ((sums >= A) & (sums <= B))
        found = int(np.count_nonzero(wrong))
        if found and first is None:
            first = block.start * len(table.tail) + int(wrong.argmax())
        mismatches += found
    return Count(2**network.dimension, mismatches, first)


def _responses(network: Network, partial: list[tuple[Integers, Integers]], block: slice) -> NDArray[np.bool_]:
    """Whether h(x) = +1 at each vertex of a block, shape (block, tail)."""
    output: Integers | int = network.output_bias
    for (head, tail), weight in zip(partial, network.output_weights, strict=True):
        z = np.add.outer(head[block], tail)
        if network.activation == "relu":
            output = output + weight * np.maximum(z, 0)
        else:
            # Arrays of the tables' type: left to itself, NumPy makes floats of integers beyond 64 bits.
            plus = np.array([weight], dtype=head.dtype)
            output = output + np.where(z >= 0, plus, -plus)
    return np.asarray(output >= 0, dtype=np.bool_)


def _partial_products(network: Network, unit: int, table: Vertices) -> tuple[Integers, Integers]:
    """Dot products of a hidden unit's weights with both half-tables; the bias goes with the head."""
    dtype = np.int64 if _bound(network) < LARGEST_INT64 else object
    weights = np.array(network.hidden_weights[unit], dtype=dtype)
    split = table.head.shape[1]
    head = table.head.astype(dtype) @ weights[:split] + network.hidden_biases[unit]
    tail = table.tail.astype(dtype) @ weights[split:] if len(weights) > split else np.zeros(1, dtype=dtype)
    return head, tail


def _bound(network: Network) -> int:
    """A bound on every number that occurs in the evaluation."""
    z = max(
        sum(map(abs, row)) + abs(bias)
        for row, bias in zip(network.hidden_weights, network.hidden_biases, strict=True)
    )
    return (sum(map(abs, network.output_weights)) + 1) * max(z, 1) + abs(network.output_bias)


def _cube(dimension: int) -> NDArray[np.int64]:
    """All vertices of {-1, +1}^D, shape (2^D, D), in lexicographic order."""
    index = np.arange(2**dimension)[:, None]
    return 2 * (index >> np.arange(dimension)[::-1] & 1) - 1
