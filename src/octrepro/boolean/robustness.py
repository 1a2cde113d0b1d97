"""Robustness of a network, decided in exact arithmetic.

A hidden unit of a `Family` weighs all its inputs alike, so on all of R^D, not only at the vertices, h
depends on x through s = sum(x) alone: h(x) = H(s). H is +1 or -1 and changes at finitely many rational
breakpoints: where a hidden pre-activation is 0, and, for ReLU units, where the piecewise linear output
pre-activation is 0. Two things follow.

*Limits.* Along a direction v the sum moves by t sum(v), so h(x + t v) tends to H(s+), H(s) or H(s-) as
sum(v) is positive, zero or negative. Hence h(x + t v) -> h(x) for every v iff H(s-) = H(s) = H(s+), and
when it does not, one of the directions e_1 and -e_1 shows it.

*Radius.* The sums of the open ball ||d||_inf < r are exactly the open interval (-D r, D r). Hence h equals
f(x) on the ball around x iff D r is at most the distance of s to the nearest sum at which H differs from
f(x): the radius at x is that distance over D.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from octrepro.boolean.networks import Network, Number, sign

__all__ = ["Response", "attainable_sums", "representative", "response", "sum_weights"]


@dataclass(frozen=True, slots=True)
class Response:
    """h as a function of the sum s of its inputs.

    Attributes
    ----------
    breakpoints
        Sums at which h may change, ascending.
    at
        H at each breakpoint.
    between
        H on the open intervals that the breakpoints leave, one more than there are breakpoints.
    """

    breakpoints: tuple[Fraction, ...]
    at: tuple[int, ...]
    between: tuple[int, ...]

    def limits(self, s: Number) -> tuple[int, int]:
        """The one-sided limits H(s-) and H(s+)."""
        below, not_above = bisect_left(self.breakpoints, s), bisect_right(self.breakpoints, s)
        return self.between[below], self.between[not_above]

    def clearance(self, s: Number, value: int) -> Fraction | None:
        """Distance from s to the sums at which H is not `value`; None when there are no such sums."""
        distances = [abs(p - s) for p, here in zip(self.breakpoints, self.at, strict=True) if here != value]
        ends: tuple[Fraction | None, ...] = (None, *self.breakpoints, None)
        for (low, high), here in zip(pairwise(ends), self.between, strict=True):
            if here != value:
                if low is not None and s < low:
                    distances.append(low - s)
                elif high is not None and s > high:
                    distances.append(s - high)
                else:
                    distances.append(Fraction(0))
        return min(distances, default=None)


def response(network: Network) -> Response:
    """The response of h to the sum of its inputs.

    Raises
    ------
    ValueError
        When a hidden unit's weights are not all equal, so that h is no function of the sum.
    """
    weights = sum_weights(network)
    kinks = {
        Fraction(-bias, weight) for weight, bias in zip(weights, network.hidden_biases, strict=True) if weight
    }
    breakpoints = sorted(kinks)
    if network.activation == "relu":
        breakpoints = sorted(kinks | _roots(network, weights, breakpoints))
    return Response(
        tuple(breakpoints),
        tuple(_value(network, weights, p) for p in breakpoints),
        tuple(_value(network, weights, p) for p in _inner_points(breakpoints)),
    )


def sum_weights(network: Network) -> tuple[int, int]:
    """The weight that each hidden unit gives to all its inputs."""
    first, second = (set(row) for row in network.hidden_weights)
    if len(first) > 1 or len(second) > 1:
        raise ValueError("the weights of a hidden unit differ: h is no function of the sum")
    return first.pop(), second.pop()


def attainable_sums(dimension: int) -> range:
    """The sums of the vertices of {-1, +1}^D: -D, -D + 2, ..., D."""
    return range(-dimension, dimension + 1, 2)


def representative(dimension: int, s: int) -> tuple[int, ...]:
    """The first vertex, in lexicographic order, whose coordinates add up to s."""
    positive = (dimension + s) // 2
    return (-1,) * (dimension - positive) + (1,) * positive


def _hidden(network: Network, weights: tuple[int, int], s: Number) -> tuple[Number, Number]:
    """Pre-activations of the hidden units where the inputs add up to s."""
    (w1, w2), (b1, b2) = weights, network.hidden_biases
    return w1 * s + b1, w2 * s + b2


def _value(network: Network, weights: tuple[int, int], s: Number) -> int:
    return sign(network.output(*_hidden(network, weights, s)))


def _inner_points(breakpoints: Sequence[Fraction]) -> list[Fraction]:
    """A point inside each of the intervals that the breakpoints leave."""
    if not breakpoints:
        return [Fraction(0)]
    middle = [(low + high) / 2 for low, high in pairwise(breakpoints)]
    return [breakpoints[0] - 1, *middle, breakpoints[-1] + 1]


def _roots(network: Network, weights: tuple[int, int], kinks: Sequence[Fraction]) -> set[Fraction]:
    """Zeros of the output pre-activation strictly between the kinks of the ReLU units, where it is linear."""
    roots = set()
    for point in _inner_points(kinks):
        slope, intercept = 0, network.output_bias
        for z, w, b, v in zip(
            _hidden(network, weights, point),
            weights,
            network.hidden_biases,
            network.output_weights,
            strict=True,
        ):
            if z > 0:
                slope, intercept = slope + v * w, intercept + v * b
        if slope:
            root = Fraction(-intercept, slope)
            # The linear piece holds only between the kinks around the point.
            if not any(min(root, point) <= kink <= max(root, point) for kink in kinks):
                roots.add(root)
    return roots
