"""The verdict on a construction: does it compute f, is it robust, how far, and for which D that is known.

Two witnesses are heard, and must agree: enumeration, for every D up to a largest, and z3, for all D. The
third, a Coq proof, is written by `certificate` from the verdict and checked by ``make prove``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from octrepro.boolean import smt
from octrepro.boolean.enumeration import compare
from octrepro.boolean.networks import Example, Family, attainable_sums, intervals, target
from octrepro.boolean.response import response
from octrepro.core import UserError

__all__ = ["LARGEST_MARGIN", "Break", "Proof", "Verdict", "verify"]

LARGEST_MARGIN = Fraction(1)
"""No network of two units that weigh all inputs alike keeps f right further than this from every sum.

Where f changes between the attainable sums s and s + 2, h must equal f(s) at all sums nearer than m to s, and
f(s + 2) at all sums nearer than m to s + 2. These open intervals are disjoint only if m <= 1. Every D has
such A and B, so the guaranteed L-infinity radius is at most 1 / D.
"""

MARGIN_DIMENSION = 8

Proof: TypeAlias = Literal["proved", "refuted", "not decided"]
Search: TypeAlias = Callable[[Fraction | None], Example | None]


@dataclass(frozen=True, slots=True)
class Break:
    """A direction v, `step` = +1 or -1 times the first unit vector, along which h does not tend to h(x).

    `value` is the value of h at x + t v for all small t > 0.
    """

    example: Example
    step: int
    value: int

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        place = self.example.as_dict()
        v = None if place["x"] is None else [self.step, *[0] * (self.example.D - 1)]
        return {**place, "v": v, "value": self.value}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything found about a family of networks.

    Attributes
    ----------
    evaluated, mismatches
        Over all D up to `max_dimension`, A <= B and x.
    proof
        Whether "h computes f" is proved or refuted for all D; if not decided, everything here holds for D
        up to `max_dimension`.
    reason
        Why it was not decided.
    first_counterexample
        The first vertex with h(x) != f(x) in the order of D, A, B, x.
    margin
        The largest m such that h = f(x) on all points of R^D whose sum is nearer to sum(x) than m, for
        every D, A, B and x; 0 where h is wrong or not robust. The guaranteed L-infinity radius is m / D.
    tightest
        A vertex at which no larger m holds, when h computes f.
    breaking
        A direction that shows that h is not robust, when h computes f.
    """

    family: Family
    max_dimension: int
    evaluated: int
    mismatches: int
    proof: Proof
    reason: str | None
    first_counterexample: Example | None
    margin: Fraction
    tightest: Example | None
    breaking: Break | None

    @property
    def computes(self) -> bool:
        """Whether h(x) = f(x) everywhere."""
        return self.first_counterexample is None

    @property
    def robust(self) -> bool:
        """Whether h = f and, for every x and v, h(x + t v) -> h(x)."""
        return self.margin > 0

    @property
    def radius(self) -> Fraction:
        """The L-infinity radius guaranteed for every D up to the largest that was enumerated."""
        return self.margin / self.max_dimension

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; fractions as text such as 1/120."""
        (w1, b1), (w2, b2) = self.family.hidden
        v1, v2, c = self.family.output
        found, breaking = self.first_counterexample, self.breaking
        return {
            "name": self.family.name,
            "title": self.family.title,
            "activation": self.family.activation,
            "expressions": {
                "hidden": [{"weight": w.text, "bias": b.text} for w, b in ((w1, b1), (w2, b2))],
                "output": {"weights": [v1.text, v2.text], "bias": c.text},
            },
            "verdict": "computes" if self.computes else "fails",
            "for_all_dimensions": self.proof,
            "mismatches": self.mismatches,
            "evaluated": self.evaluated,
            "first_counterexample": found.as_dict() if found else None,
            "robust": self.robust,
            "robust_radius": str(self.radius),
            "margin": str(self.margin),
            "breaking_direction": breaking.as_dict() if breaking else None,
        }


def verify(family: Family, max_dimension: int) -> Verdict:
    """Decide about a family of networks, by enumeration up to `max_dimension` and by z3 for all D.

    Parameters
    ----------
    family
        The networks.
    max_dimension
        The largest D to enumerate, at least 1.

    Raises
    ------
    UserError
        When enumeration and z3 contradict each other, which no construction can cause.
    """
    counts = [compare(family, dimension) for dimension in range(1, max_dimension + 1)]
    first = next((count.first for count in counts if count.first), None)

    # Margins take longer to enumerate than values; where z3 decides them too, fewer dimensions do.
    scanned = min(max_dimension, MARGIN_DIMENSION) if family.linear else max_dimension

    def enumerated(margin: Fraction | None) -> Example | None:
        return first if margin is None else _scan(family, scanned, margin)

    reason = None if family.linear else "a weight, or a product in a bias, depends on A, B or D"
    small = found = _examine(family, enumerated)
    if reason is None:
        try:
            found = _examine(family, lambda margin: smt.find_wrong(family, margin))
        except smt.UndecidedError:
            reason = "z3 reached the limit of its work"
        else:
            _require_agreement(family, max_dimension, scanned, small, found)
    wrong, margin, tightest = found
    proof: Proof = "refuted" if wrong else "not decided" if reason else "proved"
    return Verdict(
        family,
        max_dimension,
        sum(count.evaluated for count in counts),
        sum(count.mismatches for count in counts),
        proof,
        None if wrong else reason,
        wrong,
        margin,
        tightest,
        _break(tightest) if tightest and not margin else None,
    )


Found: TypeAlias = tuple[Example | None, Fraction, Example | None]


def _examine(family: Family, search: Search) -> Found:
    """The first counterexample, the margin and a vertex that attains it, by one witness's search.

    The margin is at most 1, and a vertex with D = A = B = 1 attains that. Whenever the search finds a vertex
    where a margin does not hold, the exact one there is tried next. Margins are multiples of a fixed
    fraction, so this ends.
    """
    wrong = search(None)
    if wrong:
        return wrong, Fraction(0), None
    margin = LARGEST_MARGIN
    tightest = min((family.example(1, 1, 1, s) for s in (-1, 1)), key=_clearance)
    while margin and (found := search(margin)):
        margin, tightest = _clearance(found), found
    return None, margin, tightest


def _scan(family: Family, max_dimension: int, margin: Fraction) -> Example | None:
    """The first vertex in the order of D, A, B and sum at which the margin does not hold, for small D."""
    for dimension in range(1, max_dimension + 1):
        for A, B in intervals(dimension):
            answer = response(family.at(dimension, A, B))
            for s in attainable_sums(dimension):
                distance = answer.clearance(s, target(A, B, s))
                if distance is not None and distance < margin:
                    return family.example(dimension, A, B, s)
    return None


def _clearance(example: Example) -> Fraction:
    distance = response(example.network).clearance(example.s, example.f)
    return LARGEST_MARGIN if distance is None else distance


def _break(example: Example) -> Break:
    below, above = response(example.network).limits(example.s)
    return Break(example, -1, below) if below != example.f else Break(example, 1, above)


def _require_agreement(family: Family, enumerated: int, scanned: int, small: Found, found: Found) -> None:
    """What z3 found must be what enumeration found: values for D <= enumerated, margins for D <= scanned."""
    (wrong, margin, _), (all_wrong, all_margin, tightest) = small, found
    agree = wrong == (all_wrong if all_wrong and enumerated >= all_wrong.D else None)
    if tightest:
        agree &= margin == all_margin if scanned >= tightest.D else margin >= all_margin
    if not agree:
        raise UserError(
            f"{family.name}: two proofs contradict each other. Enumeration up to D = {enumerated}: first "
            f"counterexample {wrong}, margin {margin}. z3 for all D: {all_wrong}, margin {all_margin}",
            expected="the same answer",
            hint="this is a fault of the program or of z3, not of the construction: please report it",
        )
