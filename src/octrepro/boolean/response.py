"""A network as a function of the sum of its inputs, in exact arithmetic: limits and distances.

h(x) = H(s) with s = sum(x), and H changes at finitely many rational breakpoints: where a hidden
pre-activation is 0 and, for ReLU units, where the piecewise linear output pre-activation is 0.

*Limits.* Along a direction v the sum grows by t sum(v), so h(x + t v) tends to H(s+), H(s) or H(s-) as
sum(v) is positive, zero or negative. Hence h(x + t v) -> h(x) for every v iff H(s-) = H(s) = H(s+), and
when it does not, one of the directions e_1 and -e_1 shows it.

*Radius.* The sums of the open ball of L-infinity radius r are exactly the open interval of half-width D r.
So h = f(x) on the ball around x iff D r is at most the distance of s to the nearest sum where H is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from octrepro.boolean.networks import Network, Number

__all__ = ["Piece", "Response", "response", "slopes"]


class Piece(NamedTuple):
    """A breakpoint (low = high) or the open interval between two; None where it has no end."""

    low: Fraction | None
    high: Fraction | None
    value: int


@dataclass(frozen=True, slots=True)
class Response:
    """H, as its pieces in ascending order: interval, breakpoint, interval, ..., interval."""

    pieces: tuple[Piece, ...]

    def limits(self, s: Number) -> tuple[int, int]:
        """The one-sided limits H(s-) and H(s+)."""
        below = [piece for piece in self.pieces if piece.low is None or piece.low < s]
        above = [piece for piece in self.pieces if piece.high is None or piece.high > s]
        return below[-1].value, above[0].value

    def clearance(self, s: Number, value: int) -> Fraction | None:
        """Distance from s to the sums at which H is not `value`; None when there are no such sums."""
        wrong = [piece for piece in self.pieces if piece.value != value]
        return min((max([Fraction(0), *_gaps(piece, s)]) for piece in wrong), default=None)


def response(network: Network) -> Response:
    """The response of h to the sum of its inputs."""
    points = sorted(set(_kinks(network)))
    if network.activation == "relu":
        points = sorted({*points, *_roots(network, points)})
    pieces = [Piece(*ends, network(inner)) for ends, inner in _open_intervals(points)]
    at = [Piece(p, p, network(p)) for p in points]
    merged = [piece for pair in zip(pieces, at, strict=False) for piece in pair]
    return Response((*merged, pieces[-1]))


def slopes(network: Network) -> list[int]:
    """Slopes of every linear piece of a pre-activation: breakpoints are integers over one of these."""
    (w1, w2), (v1, v2) = network.hidden_weights, network.output_weights
    active = [v1 * w1, v2 * w2, v1 * w1 + v2 * w2] if network.activation == "relu" else []
    return [slope for slope in (w1, w2, *active) if slope]


def _gaps(piece: Piece, s: Number) -> list[Fraction]:
    before = [] if piece.low is None else [piece.low - s]
    return before if piece.high is None else [*before, s - piece.high]


def _kinks(network: Network) -> list[Fraction]:
    units = zip(network.hidden_weights, network.hidden_biases, strict=True)
    return [Fraction(-bias, weight) for weight, bias in units if weight]


def _open_intervals(points: list[Fraction]) -> list[tuple[tuple[Fraction | None, Fraction | None], Fraction]]:
    """The open intervals that the points leave, each with a point inside it."""
    if not points:
        return [((None, None), Fraction(0))]
    inner = [((low, high), (low + high) / 2) for low, high in pairwise(points)]
    return [((None, points[0]), points[0] - 1), *inner, ((points[-1], None), points[-1] + 1)]


def _roots(network: Network, kinks: list[Fraction]) -> list[Fraction]:
    """Zeros of the output pre-activation strictly inside the intervals on which it is linear."""
    roots = []
    for (low, high), inner in _open_intervals(kinks):
        step = Fraction(1) if high is None else (high - inner) / 2
        here, ahead = (network.pre_activations(s).output for s in (inner, inner + step))
        slope = (ahead - here) / step
        if slope:
            root = Fraction(inner - here / slope)
            if (low is None or low < root) and (high is None or root < high):
                roots.append(root)
    return roots
