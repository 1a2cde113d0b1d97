"""h(x) against f(x) at every vertex x of {-1, +1}^D, in integers.

Nothing is assumed here about sums: a hidden unit is a matrix product of all vertices and its D weights.
"""

import numpy as np
from numpy.typing import NDArray

from octrepro.boolean.networks import Example, Family, Network, intervals

LARGEST_EXACT = 2**53


def vertices(dimension: int) -> NDArray[np.int64]:
    """{-1, +1}^D in lexicographic order, -1 before +1; shape (2^D, D)."""
    return 2 * (np.arange(2**dimension)[:, None] >> np.arange(dimension)[::-1] & 1) - 1


def compare(family: Family, max_dimension: int) -> tuple[int, int, Example | None]:
    """Evaluate h at every vertex for every A <= B and D up to the largest, and compare it with f.

    The result is how many (D, A, B, x) there are, with how many of them h(x) != f(x), and the first of these
    in this order. Weights may be any integers: double precision is used where integers are exact in it, else
    Python's.
    """
    evaluated, mismatches, first = 0, 0, None
    for dimension in range(1, max_dimension + 1):
        x = vertices(dimension)
        s = x.sum(axis=1)
        doubles = x.astype(np.float64)
        for A, B in intervals(dimension):
            network = family.at(dimension, A, B)
            exact = _bound(network, dimension) < LARGEST_EXACT
            points = doubles if exact else x.astype(object)
            n = Network(network.activation, *np.array(network[1:], dtype=points.dtype)[:, None])
            z1, z2 = (points @ np.tile(w, dimension) + b for w, b in ((n.w1, n.b1), (n.w2, n.b2)))
            wrong = (n.output(z1, z2, np.where) >= 0) != ((s >= A) & (s <= B))
            evaluated += len(x)
            mismatches += int(np.count_nonzero(wrong))
            if first is None and wrong.any():
                first = Example(dimension, A, B, int(s[wrong.argmax()]), network)
    return evaluated, mismatches, first


def _bound(network: Network[int], dimension: int) -> int:
    """A bound on every number that occurs in the evaluation."""
    _, w1, b1, w2, b2, v1, v2, c = network.each(abs)
    z = max(1, w1 * dimension + b1, w2 * dimension + b2)
    return (v1 + v2 + 1) * z + c
