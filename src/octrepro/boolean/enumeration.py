"""h(x) against f(x) at every vertex x of {-1, +1}^D, in integers: one matrix product in blocks.

Nothing is assumed here about sums: each vertex is a row of +1 and -1, each network a column of D weights.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from octrepro.boolean.networks import Example, Family, Network, intervals

# A block of vertices and of networks, which stays in the processor's cache.
ROWS, COLUMNS = 2048, 64
LARGEST_EXACT = 2**53


class Count(NamedTuple):
    """How many (A, B, x) there are in D dimensions; with h(x) != f(x); the first of these by A, B, x."""

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
    columns = np.array([network[1:] for network in networks], dtype=np.float64 if exact else object).T
    low, high = np.array(cases).T
    mismatches, size = 0, 2**dimension
    found: dict[int, int] = {}  # position of an (A, B) -> index of its first wrong vertex
    for start in range(0, size, ROWS):
        x = vertices(dimension, start, min(start + ROWS, size))
        s, points = x.sum(axis=1)[:, None], x.astype(columns.dtype)
        for first in range(0, len(cases), COLUMNS):
            some = slice(first, first + COLUMNS)
            n = Network(family.network.activation, *columns[:, some])
            z1, z2 = (points @ np.tile(w, (dimension, 1)) + b for w, b in ((n.w1, n.b1), (n.w2, n.b2)))
            positive = np.asarray(n.output(z1, z2, np.where) >= 0, dtype=np.bool_)
            wrong = positive != ((low[some] <= s) & (s <= high[some]))
            mismatches += int(np.count_nonzero(wrong))
            for case in np.flatnonzero(wrong.any(axis=0)).tolist():
                found.setdefault(first + case, start + int(wrong[:, case].argmax()))
    example = None
    if found:
        case = min(found)
        s = int(vertices(dimension, found[case], found[case] + 1).sum())
        example = Example(dimension, *cases[case], s, networks[case])
    return Count(size * len(cases), mismatches, example)


def _bound(network: Network[int], dimension: int) -> int:
    """A bound on every number that occurs in the evaluation."""
    _, w1, b1, w2, b2, v1, v2, c = network.each(abs)
    z = max(1, w1 * dimension + b1, w2 * dimension + b2)
    return (v1 + v2 + 1) * z + c
