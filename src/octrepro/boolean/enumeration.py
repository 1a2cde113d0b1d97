"""h(x) against f(x) at every vertex x of {-1, +1}^D, in integers: one matrix product in blocks.

Nothing is assumed here about sums: each vertex is a row of +1 and -1, each network a column of D weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.boolean.networks import Example, Family, Network, intervals

__all__ = ["Count", "compare", "vertices"]

# A block of vertices and of networks, which stays in the processor's cache.
ROWS, COLUMNS = 2048, 64
LARGEST_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Count:
    """How a family compares with f in D dimensions, over all A <= B and all vertices.

    Attributes
    ----------
    evaluated, mismatches
        Number of (A, B, x), and of those with h(x) != f(x).
    first
        The first of these in the order of A, B, x; None when there are none.
    """

    evaluated: int
    mismatches: int
    first: Example | None


def vertices(dimension: int, start: int, stop: int) -> NDArray[np.int64]:
    """The vertices with these indices in lexicographic order, -1 before +1; shape (stop - start, D)."""
    index = np.arange(start, stop)[:, None]
    return 2 * (index >> np.arange(dimension)[::-1] & 1) - 1


def compare(family: Family, dimension: int) -> Count:
    """Evaluate h at every vertex for every A <= B in this many dimensions, and compare it with f.

    Weights may be any integers: double precision is used where integers are exact in it, else Python's.
    """
    cases = list(intervals(dimension))
    networks = [family.at(dimension, A, B) for A, B in cases]
    exact = max(_bound(network, dimension) for network in networks) < LARGEST_EXACT
    dtype = np.float64 if exact else object
    low, high = np.array(cases).T
    bias, *units = _columns(networks, dtype)
    relu = family.activation == "relu"
    mismatches, size = 0, 2**dimension
    found: dict[int, int] = {}  # position of an (A, B) -> index of its first wrong vertex
    for start in range(0, size, ROWS):
        x = vertices(dimension, start, min(start + ROWS, size))
        s, points = x.sum(axis=1)[:, None], x.astype(dtype)
        for first in range(0, len(cases), COLUMNS):
            some = slice(first, first + COLUMNS)
            output: NDArray[Any] = bias[some]
            for w, b, v in units:
                z = points @ np.tile(w[some], (dimension, 1)) + b[some]
                output = output + (
                    v[some] * np.maximum(z, 0) if relu else np.where(z >= 0, v[some], -v[some])
                )
            wrong = np.asarray(output >= 0, dtype=np.bool_) != ((low[some] <= s) & (s <= high[some]))
            mismatches += int(np.count_nonzero(wrong))
            for case in np.flatnonzero(wrong.any(axis=0)).tolist():
                found.setdefault(first + case, start + int(wrong[:, case].argmax()))
    example = None
    if found:
        case = min(found)
        x = vertices(dimension, found[case], found[case] + 1)
        example = Example(dimension, *cases[case], int(x.sum()), networks[case])
    return Count(size * len(cases), mismatches, example)


def _columns(networks: list[Network], dtype: type) -> Iterator[Any]:
    """The output biases, then weights, biases and output weights of each hidden unit, by network."""
    yield np.array([n.output_bias for n in networks], dtype=dtype)
    for unit in (0, 1):
        rows = [(n.hidden_weights[unit], n.hidden_biases[unit], n.output_weights[unit]) for n in networks]
        yield np.array(rows, dtype=dtype).T


def _bound(network: Network, dimension: int) -> int:
    """A bound on every number that occurs in the evaluation."""
    units = zip(network.hidden_weights, network.hidden_biases, strict=True)
    z = max(1, *(abs(w) * dimension + abs(b) for w, b in units))
    return (sum(map(abs, network.output_weights)) + 1) * z + abs(network.output_bias)
