"""Which of the functions f a single perceptron computes, with a witness for every answer.

For each D, A and B one of two things is found, and each is checked before it is believed:

* integer weights w and bias b with sign(w.x + b) = f(x) at all 2^D vertices, or
* vertices of both classes with positive rational multipliers that add up to 1 in each class and give the
  same point.
  The convex hulls of the classes then meet, so no hyperplane has them on different sides.

`separable` is the theorem that the table obeys. The table is found without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from octrepro.boolean.networks import intervals, sign, target, vertex

__all__ = [
    "LARGEST_DIMENSION",
    "Hulls",
    "Perceptron",
    "Witness",
    "certificate",
    "decide",
    "separable",
    "table",
]

LARGEST_DIMENSION = 8

Vertex: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Perceptron:
    """sign(w.x + b), with sign(0) = +1."""

    weights: tuple[int, ...]
    bias: int

    def proves(self, dimension: int, A: int, B: int) -> bool:
        """Whether it equals f at every vertex of {-1, +1}^D."""
        return len(self.weights) == dimension and all(
            sign(sum(w * value for w, value in zip(self.weights, x, strict=True)) + self.bias)
            == target(A, B, sum(x))
            for x in _cube(dimension)
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"weights": list(self.weights), "bias": self.bias}


@dataclass(frozen=True, slots=True)
class Hulls:
    """A point that is a convex combination of vertices with f = +1 and also of vertices with f = -1.

    Attributes
    ----------
    positive, negative
        Vertices of either class with their multipliers.
    """

    positive: tuple[tuple[Vertex, Fraction], ...]
    negative: tuple[tuple[Vertex, Fraction], ...]

    @property
    def point(self) -> tuple[Fraction, ...]:
        """The common point, by the positive combination."""
        return _combination(self.positive)

    def proves(self, dimension: int, A: int, B: int) -> bool:
        """Whether it is what it says: classes, signs, totals and the common point, in exact arithmetic."""
        sides = ((self.positive, 1), (self.negative, -1))
        return _combination(self.positive) == _combination(self.negative) and all(
            sum(multiplier for _, multiplier in side) == 1
            and all(
                len(x) == dimension
                and set(x) <= {-1, 1}
                and target(A, B, sum(x)) == value
                and multiplier >= 0
                for x, multiplier in side
            )
            for side, value in sides
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: vertices as signs, such as +-+, with their multipliers."""
        sides = {"positive": self.positive, "negative": self.negative}
        return {name: {_signs(x): str(multiplier) for x, multiplier in side} for name, side in sides.items()}


Witness: TypeAlias = Perceptron | Hulls


def decide(dimension: int, A: int, B: int) -> Witness:
    """Find a perceptron that computes f, or a certificate that there is none.

    Raises
    ------
    ValueError
        When neither is found, which the theorem excludes.
    """
    for candidate in _candidates(dimension, A, B):
        if candidate.proves(dimension, A, B):
            return candidate
    found = certificate(dimension, A, B)
    if found is None or not found.proves(dimension, A, B):
        raise ValueError(f"neither weights nor a certificate for D={dimension}, A={A}, B={B}")
    return found


def certificate(dimension: int, A: int, B: int) -> Hulls | None:
    """Two vertices of each class with the same midpoint, or None when there are no such four.

    f does not change when coordinates are exchanged, so of each sum one vertex n < m, coordinate by
    coordinate, is enough: n and m are tried as the negative pair. Raising one coordinate of n and lowering
    the same one of m leaves the midpoint where it is and gives the positive pair.
    """
    for low in range(dimension + 1):
        for high in range(low + 2, dimension + 1):
            negative = (_staircase(dimension, low), _staircase(dimension, high))
            raised = _staircase(dimension, low + 1)
            lowered = tuple(a + b - c for a, b, c in zip(*negative, raised, strict=True))
            half = Fraction(1, 2)
            hulls = Hulls(tuple((x, half) for x in (raised, lowered)), tuple((x, half) for x in negative))
            if hulls.proves(dimension, A, B):
                return hulls
    return None


def separable(dimension: int, A: int, B: int) -> bool:
    """The theorem: one perceptron computes f iff A = -D, or B = D, or A = B without the parity of D.

    In these cases the vertices with f = +1 are those with sum(x) <= B, those with sum(x) >= A, or none. In
    all others, with p and q the least and the largest attainable sum in [A, B], the sums p - 2 and q + 2
    are attainable and outside, and four vertices of the sums p - 2, p, q and q + 2 show that the hulls
    meet.
    """
    return -dimension == A or dimension == B or (A == B and (A + dimension) % 2 == 1)


def table(largest: int = LARGEST_DIMENSION) -> dict[str, Any]:
    """The answers with their witnesses for every D up to `largest`, and whether the theorem fits."""
    rows = [(dimension, A, B) for dimension in range(1, largest + 1) for A, B in intervals(dimension)]
    witnesses = [decide(*row) for row in rows]
    found = [isinstance(witness, Perceptron) for witness in witnesses]
    return {
        "max_dimension": largest,
        "theorem": "separable iff A = -D, or B = D, or A = B with A + D odd",
        "theorem_holds": found == [separable(*row) for row in rows],
        "by_dimension": [
            {
                "dimension": dimension,
                "separable": sum(f for f, row in zip(found, rows, strict=True) if row[0] == dimension),
                "total": sum(row[0] == dimension for row in rows),
            }
            for dimension in range(1, largest + 1)
        ],
        "rows": [
            {"dimension": dimension, "A": A, "B": B, "separable": answer, "witness": witness.as_dict()}
            for (dimension, A, B), answer, witness in zip(rows, found, witnesses, strict=True)
        ],
    }


def _candidates(dimension: int, A: int, B: int) -> Iterator[Perceptron]:
    """Perceptrons worth trying: constants, and half-spaces of the sum with the bounds A and B."""
    yield Perceptron((0,) * dimension, 0)
    yield Perceptron((0,) * dimension, -1)
    yield Perceptron((1,) * dimension, -A)
    yield Perceptron((-1,) * dimension, B)


def _staircase(dimension: int, positive: int) -> Vertex:
    """The vertex whose first `positive` coordinates are +1 and the rest -1."""
    return (1,) * positive + (-1,) * (dimension - positive)


def _signs(x: Vertex) -> str:
    return "".join("+" if value == 1 else "-" for value in x)


@lru_cache(maxsize=2)
def _cube(dimension: int) -> tuple[Vertex, ...]:
    return tuple(vertex(index, dimension) for index in range(2**dimension))


def _combination(side: Sequence[tuple[Vertex, Fraction]]) -> tuple[Fraction, ...]:
    """The combination of the vertices with their multipliers, coordinate by coordinate."""
    scaled = [[multiplier * value for value in x] for x, multiplier in side]
    return tuple(sum(column, start=Fraction(0)) for column in zip(*scaled, strict=True))
