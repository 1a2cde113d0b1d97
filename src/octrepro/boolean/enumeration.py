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

BLOCK = 1 << 18  # entries of a block, which bounds the memory
LARGEST_INT64 = 2**62


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

    Weights may be any integers: 64-bit arithmetic is used where it cannot overflow, else Python's.
    """
    mismatches, first = 0, None
    size = 2**dimension
    for cases in _groups(list(intervals(dimension)), max(1, BLOCK // size)):
        networks = [family.at(dimension, A, B) for A, B in cases]
        low, high = np.array(cases).T
        rows = max(1, BLOCK // len(cases))
        found: dict[int, int] = {}  # position of an (A, B) -> index of its first wrong vertex
        for start in range(0, size, rows):
            x = vertices(dimension, start, min(start + rows, size))
            s = x.sum(axis=1)[:, None]
            wrong = _positive(networks, x) != ((low <= s) & (s <= high))
            mismatches += int(np.count_nonzero(wrong))
            for case in np.flatnonzero(wrong.any(axis=0)).tolist():
                found.setdefault(case, start + int(wrong[:, case].argmax()))
        if found and first is None:
            case = min(found)
            x = vertices(dimension, found[case], found[case] + 1)
            first = Example(dimension, *cases[case], int(x.sum()), networks[case])
    return Count(size * (2 * dimension + 1) * (dimension + 1), mismatches, first)


def _positive(networks: list[Network], x: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether h(x) = +1 for each vertex (rows of x) and network, shape (vertices, networks)."""
    dimension = x.shape[1]
    dtype = np.int64 if max(_bound(network, dimension) for network in networks) < LARGEST_INT64 else object
    output: NDArray[Any] = np.array([network.output_bias for network in networks], dtype=dtype)
    for unit in (0, 1):
        weight, bias, out = (
            np.array(values, dtype=dtype)
            for values in zip(
                *((n.hidden_weights[unit], n.hidden_biases[unit], n.output_weights[unit]) for n in networks),
                strict=True,
            )
        )
        z = x.astype(dtype) @ np.tile(weight, (dimension, 1)) + bias
        relu = networks[0].activation == "relu"
        output = output + out * (np.maximum(z, 0) if relu else np.where(z >= 0, 1, -1).astype(dtype))
    return np.asarray(output >= 0, dtype=np.bool_)


def _bound(network: Network, dimension: int) -> int:
    """A bound on every number that occurs in the evaluation."""
    units = zip(network.hidden_weights, network.hidden_biases, strict=True)
    z = max(1, *(abs(w) * dimension + abs(b) for w, b in units))
    return (sum(map(abs, network.output_weights)) + 1) * z + abs(network.output_bias)


def _groups(cases: list[tuple[int, int]], size: int) -> Iterator[list[tuple[int, int]]]:
    return (cases[start : start + size] for start in range(0, len(cases), size))
