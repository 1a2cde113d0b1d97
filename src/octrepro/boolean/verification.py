"""The verdict on a construction: does it compute f, is it robust, and how far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb
from typing import Any

from octrepro.boolean.enumeration import compare
from octrepro.boolean.networks import Family, Network, Number, PreActivations, intervals, sign, target, vertex
from octrepro.boolean.robustness import Response, attainable_sums, representative, response, sum_weights

__all__ = ["UNITS", "Place", "UnitLimits", "Verdict", "dimension_count", "verify"]

UNITS = ("hidden 1", "hidden 2", "output")


@dataclass(frozen=True, slots=True)
class Place:
    """A vertex x at which something was found, with the network that A, B and D = len(x) give there."""

    A: int
    B: int
    x: tuple[int, ...]
    network: Network

    @property
    def dimension(self) -> int:
        """D."""
        return len(self.x)

    @property
    def f(self) -> int:
        """What should be computed at x."""
        return target(self.A, self.B, sum(self.x))

    @property
    def h(self) -> int:
        """What the network computes at x."""
        return self.network(self.x)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        z = self.network.pre_activations(self.x)
        return {
            "dimension": self.dimension,
            "A": self.A,
            "B": self.B,
            "x": list(self.x),
            "sum": sum(self.x),
            "f": self.f,
            "h": self.h,
            "pre_activations": {"hidden": [z.hidden_1, z.hidden_2], "output": z.output},
        }


@dataclass(frozen=True, slots=True)
class Break:
    """A direction along which a unit's value does not tend to its value at x.

    Attributes
    ----------
    v
        The direction, + or - the first unit vector.
    value
        The unit's value at x + t v for every t in the open interval (0, until).
    until
        Where that interval ends; None when it never does.
    """

    place: Place
    v: tuple[int, ...]
    value: int
    until: Fraction | None

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; `value` is the unit's value along v."""
        until = None if self.until is None else str(self.until)
        return {**self.place.as_dict(), "v": list(self.v), "value": self.value, "until": until}


@dataclass(slots=True)
class UnitLimits:
    """The limit condition g(z(x + t v)) -> g(z(x)), for every x and v, at one unit.

    Attributes
    ----------
    smallest
        The smallest absolute pre-activation over everything evaluated.
    on_threshold
        At how many of the (D, A, B, x) the pre-activation is exactly 0.
    first_break
        The first place and a direction at which the condition fails; None when it holds.
    """

    name: str
    smallest: Number | None = None
    on_threshold: int = 0
    first_break: Break | None = None

    def see(self, z: Number, times: int) -> None:
        """Take note of a pre-activation that occurs at this many vertices."""
        size = z if z >= 0 else -z
        if self.smallest is None or size < self.smallest:
            self.smallest = size
        if z == 0:
            self.on_threshold += times

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "unit": self.name,
            "limit_holds": self.first_break is None,
            "smallest_pre_activation": self.smallest,
            "on_threshold": self.on_threshold,
            "breaking_direction": self.first_break.as_dict() if self.first_break else None,
        }


@dataclass(slots=True)
class Verdict:
    """Everything found about a family of networks, for every D up to `max_dimension`.

    Attributes
    ----------
    evaluated, mismatches
        Over all D, A <= B and x.
    first_counterexample
        The first place with h(x) != f(x) in the order of D, A, B, x.
    units
        The limit condition at both hidden units and the output unit.
    margins
        For each D the largest m such that h = f(x) on all points of R^D whose sum is nearer to sum(x) than
        m, for every A, B and x; 0 where h is wrong or not robust. The guaranteed L-infinity radius is m /
        D.
    tightest
        A place where the smallest radius is attained.
    """

    family: Family
    max_dimension: int
    evaluated: int = 0
    mismatches: int = 0
    first_counterexample: Place | None = None
    units: tuple[UnitLimits, UnitLimits, UnitLimits] = field(
        default_factory=lambda: (UnitLimits(UNITS[0]), UnitLimits(UNITS[1]), UnitLimits(UNITS[2]))
    )
    margins: dict[int, Fraction] = field(default_factory=dict)
    tightest: Place | None = None

    @property
    def computes(self) -> bool:
        """Whether h(x) = f(x) everywhere."""
        return self.mismatches == 0

    @property
    def robust(self) -> bool:
        """Whether h = f and, for every x and v, h(x + t v) -> h(x)."""
        return self.computes and self.units[2].first_break is None

    @property
    def margin(self) -> Fraction:
        """The smallest margin in terms of the sum."""
        return min(self.margins.values())

    @property
    def radii(self) -> dict[int, Fraction]:
        """The guaranteed L-infinity radius for each D."""
        return {dimension: margin / dimension for dimension, margin in self.margins.items()}

    @property
    def radius(self) -> Fraction:
        """The L-infinity radius guaranteed for every D up to the largest."""
        return min(self.radii.values())

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; fractions as text such as 1/120, with a float beside them."""
        return {
            "name": self.family.name,
            "title": self.family.title,
            "source": self.family.source,
            "activation": self.family.activation,
            "expressions": _expressions(self.family),
            "max_dimension": self.max_dimension,
            "verdict": "computes" if self.computes else "fails",
            "evaluated": self.evaluated,
            "mismatches": self.mismatches,
            "first_counterexample": self.first_counterexample.as_dict()
            if self.first_counterexample
            else None,
            "robust": self.robust,
            "robust_radius": str(self.radius),
            "robust_radius_value": float(self.radius),
            "margin": str(self.margin),
            "margin_value": float(self.margin),
            "tightest": self.tightest.as_dict() if self.tightest else None,
            "breaking_direction": self.units[2].as_dict()["breaking_direction"],
            "units": [unit.as_dict() for unit in self.units],
            "radius_by_dimension": [
                {
                    "dimension": dimension,
                    "radius": str(self.radii[dimension]),
                    "radius_value": float(self.radii[dimension]),
                    "margin": str(margin),
                }
                for dimension, margin in self.margins.items()
            ],
        }


def verify(
    family: Family, max_dimension: int, advance: Callable[[int], object] = lambda steps: None
) -> Verdict:
    """Check a family of networks for every D up to `max_dimension`, every A <= B in [-D, D] and every vertex.

    Parameters
    ----------
    family
        The networks.
    max_dimension
        The largest D, at least 1.
    advance
        Called after each D with the number of (A, B) done.
    """
    verdict = Verdict(family, max_dimension)
    for dimension in range(1, max_dimension + 1):
        for A, B in intervals(dimension):
            network = family.at(dimension, A, B)
            _enumerate(verdict, network, A, B)
            _examine(verdict, network, A, B)
        advance(dimension_count(dimension))
    return verdict


def dimension_count(dimension: int) -> int:
    """The number of pairs -D <= A <= B <= D."""
    return (2 * dimension + 1) * (dimension + 1)


def _enumerate(verdict: Verdict, network: Network, A: int, B: int) -> None:
    count = compare(network, A, B)
    verdict.evaluated += count.evaluated
    verdict.mismatches += count.mismatches
    if verdict.first_counterexample is None and count.first_mismatch is not None:
        verdict.first_counterexample = Place(A, B, vertex(count.first_mismatch, network.dimension), network)


def _examine(verdict: Verdict, network: Network, A: int, B: int) -> None:
    """Limits and margin. Vertices with the same sum behave alike, so one of each sum stands for all."""
    dimension = network.dimension
    answer = response(network)
    for s in attainable_sums(dimension):
        x = representative(dimension, s)
        times = comb(dimension, (dimension + s) // 2)
        z = network.pre_activations(x)
        for unit, value in zip(verdict.units, (z.hidden_1, z.hidden_2, z.output), strict=True):
            unit.see(value, times)
        for unit, found in zip(verdict.units, _breaks(network, answer, s, z), strict=True):
            if found and unit.first_break is None:
                steps, value, until = found
                v = (steps, *(0,) * (dimension - 1))
                unit.first_break = Break(Place(A, B, x, network), v, value, until)
        clearance = answer.clearance(s, target(A, B, s))
        if clearance is not None:
            _note_margin(verdict, clearance, Place(A, B, x, network))


def _note_margin(verdict: Verdict, clearance: Fraction, place: Place) -> None:
    dimension = place.dimension
    known = verdict.margins.get(dimension)
    if known is not None and known <= clearance:
        return
    if not verdict.margins or clearance / dimension < verdict.radius:
        verdict.tightest = place
    verdict.margins[dimension] = clearance


_Found = tuple[int, int, Fraction | None] | None


def _breaks(network: Network, answer: Response, s: int, z: PreActivations) -> Iterator[_Found]:
    """For each unit: the step of the first coordinate that leaves its value, the new value, until where."""
    for weight, value in zip(sum_weights(network), z[:2], strict=True):
        # A sign unit at 0 is +1 and drops to -1 wherever its pre-activation decreases. A ReLU is continuous.
        leaves = network.activation == "sign" and value == 0 and weight != 0
        yield ((-1 if weight > 0 else 1), -1, None) if leaves else None
    here = sign(z.output)
    for step, limit in zip((-1, 1), answer.limits(s), strict=True):
        if limit != here:
            ahead = [abs(p - s) for p in answer.breakpoints if (p - s) * step > 0]
            yield step, limit, min(ahead, default=None)
            return
    yield None


def _expressions(family: Family) -> dict[str, Any]:
    v1, v2, bias = family.output
    return {
        "hidden": [{"weight": weight.text, "bias": b.text} for weight, b in family.hidden],
        "output": {"weights": [v1.text, v2.text], "bias": bias.text},
    }
