"""The verdict on a construction: does it compute f, is it robust, how far, and for which D that is known.

Two witnesses are heard, and must agree: enumeration, for every D up to a largest, and z3, for all D. The
third, a Coq proof, is written by `certificate` from the verdict and checked by ``make prove``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from octrepro.boolean import smt
from octrepro.boolean.enumeration import compare
from octrepro.boolean.networks import Example, Family, attainable_sums, intervals
from octrepro.boolean.response import clearance, limits, pieces
from octrepro.core import UserError

LARGEST_MARGIN = Fraction(1)
"""No network of two units that weigh all inputs alike keeps f right further than this from every sum.

The sums s and s + 2 may differ in f, and the open intervals of this half-width around them must not meet.
"""

MARGIN_DIMENSION = 8

Proof: TypeAlias = Literal["proved", "refuted", "not decided"]
Found: TypeAlias = tuple[Example | None, Fraction, Example | None]
"""The first counterexample, the margin and the tightest vertex, as one witness found them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything found about a family of networks.

    The margin is the largest m such that h = f(x) on all points of R^D whose sum is nearer to sum(x) than m,
    for every D, A, B and x; 0 where h is wrong or not robust. The guaranteed L-infinity radius is m / D.
    """

    family: Family
    max_dimension: int  # where it is not decided for all D, everything here holds up to this one
    evaluated: int  # how many cases, over all D up to `max_dimension`, A <= B and x
    mismatches: int  # of these
    proof: Proof  # of "h computes f", for all D
    reason: str | None  # why it was not decided
    first_counterexample: Example | None  # in the order of D, A, B, x
    margin: Fraction
    tightest: Example | None  # a vertex at which no larger margin holds, when h computes f

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

    @property
    def breaking(self) -> tuple[Example, int] | None:
        """A vertex x and a step, +1 or -1, that show that an h that computes f is not robust.

        With v the step times the first unit vector, h(x + t v) = -f(x) for all small t > 0.
        """
        if self.robust or self.tightest is None:
            return None
        below, _ = limits(pieces(self.tightest.network), self.tightest.s)
        return self.tightest, -1 if below != self.tightest.f else 1

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; fractions as text such as 1/120."""
        texts = self.family.network.each(lambda entry: entry.text)
        wrong, breaking = self.first_counterexample, None
        if self.breaking:
            example, step = self.breaking
            place = example.as_dict()
            v = None if place["x"] is None else [step, *[0] * (example.D - 1)]
            breaking = {**place, "v": v, "value": -example.f}
        return {
            "name": self.family.name,
            "title": self.family.title,
            "activation": texts.activation,
            "expressions": {
                "hidden": [{"weight": texts.w1, "bias": texts.b1}, {"weight": texts.w2, "bias": texts.b2}],
                "output": {"weights": [texts.v1, texts.v2], "bias": texts.c},
            },
            "verdict": "computes" if self.computes else "fails",
            "for_all_dimensions": self.proof,
            "mismatches": self.mismatches,
            "evaluated": self.evaluated,
            "first_counterexample": wrong.as_dict() if wrong else None,
            "robust": self.robust,
            "robust_radius": str(self.radius),
            "margin": str(self.margin),
            "breaking_direction": breaking,
        }


def verify(family: Family, max_dimension: int) -> Verdict:
    """Decide about a family of networks, by enumeration up to `max_dimension` >= 1 and by z3 for all D.

    A `UserError` is raised when they contradict each other, which no construction can cause.
    """
    counts = [compare(family, dimension) for dimension in range(1, max_dimension + 1)]
    first = next((count.first for count in counts if count.first), None)
    # Margins take longer to enumerate than values; where z3 decides them too, fewer dimensions do.
    scanned = min(max_dimension, MARGIN_DIMENSION) if family.linear else max_dimension
    margin, tightest = (Fraction(0), None) if first else _least_clearance(family, scanned)
    found: Found = first, margin, tightest
    reason = None
    if family.linear:
        try:
            decided = _for_all(family)
        except smt.UndecidedError:
            reason = "z3 reached the limit of its work"
        else:
            _require_agreement(family, max_dimension, scanned, found, decided)
            found = decided
    else:
        reason = "a weight, or a product in a bias, depends on A, B or D"
    proof: Proof = "refuted" if found[0] else "not decided" if reason else "proved"
    evaluated = sum(count.evaluated for count in counts)
    mismatches = sum(count.mismatches for count in counts)
    undecided = reason if proof == "not decided" else None
    return Verdict(family, max_dimension, evaluated, mismatches, proof, undecided, *found)


def _least_clearance(family: Family, max_dimension: int) -> tuple[Fraction, Example]:
    """The margin up to a D, of a family that is right there, and the first vertex that attains it."""

    def clearances() -> Iterator[tuple[Fraction | float, Example]]:
        for dimension in range(1, max_dimension + 1):
            for A, B in intervals(dimension):
                network = family.at(dimension, A, B)
                response = pieces(network)
                for s in attainable_sums(dimension):
                    example = Example(dimension, A, B, s, network)
                    yield clearance(response, s, example.f), example

    margin, tightest = min(clearances(), key=lambda found: found[0])
    return Fraction(margin), tightest


def _for_all(family: Family) -> Found:
    """What z3 finds for all D.

    The margin is at most 1, and a vertex with D = A = B = 1 attains that. Whenever z3 finds a vertex where a
    margin does not hold, the exact one there is tried next. Margins are multiples of a fixed fraction, so
    this ends.
    """
    wrong = smt.find_wrong(family)
    if wrong:
        return wrong, Fraction(0), None
    margin, tightest = LARGEST_MARGIN, min((family.example(1, 1, 1, s) for s in (-1, 1)), key=_margin_at)
    while margin and (found := smt.find_wrong(family, margin)):
        margin, tightest = _margin_at(found), found
    return None, margin, tightest


def _margin_at(example: Example) -> Fraction:
    return Fraction(min(LARGEST_MARGIN, clearance(pieces(example.network), example.s, example.f)))


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
