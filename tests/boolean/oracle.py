"""The same questions answered in the plainest Python, from the definitions, with no code of the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, Literal

TINY = Fraction(1, 10**12)


@dataclass(frozen=True)
class Plain:
    """Weights of both hidden units (D entries each), their biases, output weights and output bias."""

    activation: Literal["sign", "relu"]
    W1: tuple[tuple[int, ...], tuple[int, ...]]
    b1: tuple[int, int]
    W2: tuple[int, int]
    b2: int

    def h(self, x: Sequence[Any]) -> int:
        units = []
        for row, bias in zip(self.W1, self.b1, strict=True):
            z = bias
            for w, value in zip(row, x, strict=True):
                z = z + w * value
            if self.activation == "relu":
                units.append(z if z > 0 else 0)
            else:
                units.append(1 if z >= 0 else -1)
        z = self.b2
        for v, unit in zip(self.W2, units, strict=True):
            z = z + v * unit
        return 1 if z >= 0 else -1


def f(x: Sequence[int], A: int, B: int) -> int:
    return 1 if A <= sum(x) <= B else -1


def cube(D: int) -> Iterator[tuple[int, ...]]:
    """All of {-1, +1}^D in lexicographic order."""
    return product((-1, 1), repeat=D)


def ranges(largest: int) -> Iterator[tuple[int, int, int]]:
    """Every D, A, B in order."""
    for D in range(1, largest + 1):
        for A in range(-D, D + 1):
            for B in range(A, D + 1):
                yield D, A, B


def steps(D: int) -> Iterator[tuple[int, ...]]:
    """+ and - every unit vector."""
    for i in range(D):
        for sign in (1, -1):
            yield tuple(sign * (i == j) for j in range(D))


def moved(x: Sequence[int], v: Sequence[int], t: Fraction) -> list[Fraction]:
    return [value + t * step for value, step in zip(x, v, strict=True)]


Make = Callable[[int, int, int], Plain]


def mismatches(make: Make, largest: int) -> list[tuple[int, int, int, tuple[int, ...]]]:
    """Every (D, A, B, x) with h(x) != f(x), in order."""
    return [(D, A, B, x) for D, A, B in ranges(largest) for x in cube(D) if make(D, A, B).h(x) != f(x, A, B)]


def robust(make: Make, largest: int) -> bool:
    """h = f at every x and also a tiny step along every axis away from it."""
    return not mismatches(make, largest) and all(
        make(D, A, B).h(moved(x, v, TINY)) == f(x, A, B)
        for D, A, B in ranges(largest)
        for x in cube(D)
        for v in steps(D)
    )


def _rows(D: int, first: int, second: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return (first,) * D, (second,) * D


# Question 3 as the source report prints it, with k1 = 1 and k2 = 10, and as it should read.
NETWORKS: dict[str, Make] = {
    "printed_sign": lambda D, A, B: Plain("sign", _rows(D, 1, -1), (-A, B), (1, 1), -1),
    "printed_sign_robust": lambda D, A, B: Plain(
        "sign", _rows(D, 10, -10), (-10 * A + 1, 10 * B - 1), (1, 1), -1
    ),
    "printed_relu": lambda D, A, B: Plain("relu", _rows(D, -1, 1), (A, -B), (-1, -1), -1),
    "printed_relu_robust": lambda D, A, B: Plain(
        "relu", _rows(D, -10, 10), (10 * A - 1, -10 * B + 1), (-1, -1), -1
    ),
    "corrected_sign_robust": lambda D, A, B: Plain(
        "sign", _rows(D, 10, -10), (-10 * A + 1, 10 * B + 1), (1, 1), -1
    ),
    "corrected_relu": lambda D, A, B: Plain("relu", _rows(D, -1, 1), (A, -B), (-1, -1), 0),
    "corrected_relu_robust": lambda D, A, B: Plain(
        "relu", _rows(D, -10, 10), (10 * A - 1, -10 * B - 1), (-1, -1), 0
    ),
}
