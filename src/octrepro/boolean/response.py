"""A network as a function of the sum of its inputs, in exact arithmetic: limits and distances.

h(x) = H(s) with s = sum(x), and H changes at finitely many rational breakpoints: where a hidden
pre-activation is 0 and, for ReLU units, where the piecewise linear output pre-activation is 0.

*Limits.* Along a direction v the sum grows by t sum(v), so h(x + t v) tends to H(s+), H(s) or H(s-) as
sum(v) is positive, zero or negative. Hence h(x + t v) -> h(x) for every v iff H(s-) = H(s) = H(s+), and
when it does not, one of the directions e_1 and -e_1 shows it.

*Radius.* The sums of the open ball of L-infinity radius r are exactly the open interval of half-width D r.
So h = f(x) on the ball around x iff D r is at most the distance of s to the nearest sum where H is wrong.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import inf, lcm
from typing import NamedTuple

from octrepro.boolean.networks import Network, Number


class Piece(NamedTuple):
    """A breakpoint of H (low = high), or the open interval between two; ends are fractions or infinite."""

    low: Fraction | float
    high: Fraction | float
    value: int


def pieces(network: Network[int]) -> list[Piece]:
    """H in ascending order: interval, breakpoint, interval, ..., interval."""
    # H need not change at each of these; 0 is among them so that there is one.
    points = sorted({Fraction(0), *(Fraction(-intercept, slope) for slope, intercept in _lines(network))})
    inner = [points[0] - 1, *((low + high) / 2 for low, high in pairwise(points)), points[-1] + 1]
    ends: list[Fraction | float] = [-inf, *points, inf]
    between = [Piece(low, high, network(s)) for (low, high), s in zip(pairwise(ends), inner, strict=True)]
    return sorted([*between, *(Piece(point, point, network(point)) for point in points)])


def limits(network: Network[int], s: int) -> tuple[int, int]:
    """The one-sided limits H(s-) and H(s+) at an integer s."""
    near = Fraction(1, 2 * resolution(network))
    return network(s - near), network(s + near)


def clearance(response: Sequence[Piece], s: Number, value: int) -> Fraction | float:
    """Distance from s to the sums at which H is not `value`; infinite when there are no such sums."""
    wrong = [piece for piece in response if piece.value != value]
    return min((max(Fraction(0), piece.low - s, s - piece.high) for piece in wrong), default=inf)


def resolution(network: Network[int]) -> int:
    """An L such that H changes at multiples of 1 / L alone."""
    return lcm(*(slope for slope, _ in _lines(network)))


def _lines(network: Network[int]) -> list[tuple[int, int]]:
    """Slope and intercept of each linear piece of a pre-activation that is not constant."""
    activation, w1, b1, w2, b2, v1, v2, c = network
    found = [(w1, b1), (w2, b2)]
    if activation == "relu":
        found += [(v1 * w1, v1 * b1 + c), (v2 * w2, v2 * b2 + c)]
        found.append((v1 * w1 + v2 * w2, v1 * b1 + v2 * b2 + c))
    return [(slope, intercept) for slope, intercept in found if slope]
