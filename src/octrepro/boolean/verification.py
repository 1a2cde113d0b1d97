"""The verdict on a construction: does it compute f, is it robust, how far, and for which D that is known.

Two witnesses are heard, and must agree: enumeration, for every D up to a largest, and z3, for all D. The
third, a Coq proof, is written by `certificate` from the verdict and checked by ``make prove``.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from octrepro.boolean import smt
from octrepro.boolean.enumeration import compare
from octrepro.boolean.networks import Example, Family, attainable_sums, intervals, target
from octrepro.boolean.response import clearance, limits, pieces
from octrepro.core import UserError

LARGEST_MARGIN = Fraction(1)
"""No network of two units that weigh all inputs alike keeps f right further than this from every sum.

The sums s and s + 2 may differ in f, and the open intervals of this half-width around them must not meet.
"""

Proof: TypeAlias = Literal["proved", "refuted", "not decided"]
Found: TypeAlias = tuple[bool, Fraction, Example]
"""Whether h computes f, the margin and the deciding example, as one witness found them."""


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
    computes: bool  # whether h(x) = f(x) everywhere
    margin: Fraction
    example: Example  # the first counterexample or, when h computes f, where no larger margin holds

    @property
    def robust(self) -> bool:
        """Whether h = f and, for every x and v, h(x + t v) -> h(x)."""
        return self.margin > 0

    @property
    def breaking_step(self) -> int | None:
        """For an h that computes f and is not robust, +1 or -1: a step e times the first unit vector.

        From the example's x, h(x + t e) = -f(x) for all small t > 0.
        """
        if self.robust or not self.computes:
            return None
        below, _ = limits(self.example.network, self.example.s)
        return -1 if below != self.example.f else 1

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; fractions as text such as 1/120."""
        texts = self.family.network.each(lambda entry: entry.text)
        place, step = self.example.as_dict(), self.breaking_step
        v = None if step is None or place["x"] is None else [step, *[0] * (self.example.D - 1)]
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
            "first_counterexample": None if self.computes else place,
            "robust": self.robust,
            "robust_radius": str(self.margin / self.max_dimension),  # guaranteed up to that D
            "margin": str(self.margin),
            "breaking_direction": step and {**place, "v": v, "value": -self.example.f},
        }


def verify(family: Family, max_dimension: int) -> Verdict:
    """Decide about a family of networks, by enumeration up to `max_dimension` >= 1 and by z3 for all D.

    A `UserError` is raised when they contradict each other, which no construction can cause.
    """
    evaluated, mismatches, first = compare(family, max_dimension)
    found = (False, Fraction(0), first) if first else _least_clearance(family, max_dimension)
    reason = None
    if family.linear:
        try:
            decided = _for_all(family)
        except smt.UndecidedError:
            reason = "z3 reached the limit of its work"
        else:
            _require_agreement(family, max_dimension, found, decided)
            found = decided
    else:
        reason = "a weight, or a product in a bias, depends on A, B or D"
    computes, _, _ = found
    proof: Proof = "refuted" if not computes else "not decided" if reason else "proved"
    undecided = reason if proof == "not decided" else None
    return Verdict(family, max_dimension, evaluated, mismatches, proof, undecided, *found)


def _least_clearance(family: Family, max_dimension: int) -> Found:
    """The margin up to a D, of a family that is right there, and the first vertex that attains it."""
    clearances = (
        (clearance(response, s, target(A, B, s)), Example(D, A, B, s, network))
        for D in range(1, max_dimension + 1)
        for A, B in intervals(D)
        for network in [family.at(D, A, B)]
        for response in [pieces(network)]
        for s in attainable_sums(D)
    )
    margin, tightest = min(clearances, key=lambda found: found[0])
    return True, Fraction(margin), tightest


def _for_all(family: Family) -> Found:
    """What z3 finds for all D.

    The margin is at most 1, and a vertex with D = A = B = 1 attains that. Whenever z3 finds a vertex where a
    margin does not hold, the exact one there is tried next. Margins are multiples of a fixed fraction, so
    this ends.
    """
    wrong = smt.find_wrong(family)
    if wrong:
        return False, Fraction(0), wrong
    margin, tightest = LARGEST_MARGIN, min((family.example(1, 1, 1, s) for s in (-1, 1)), key=_margin_at)
    while margin and (found := smt.find_wrong(family, margin)):
        margin, tightest = _margin_at(found), found
    return True, margin, tightest


def _margin_at(example: Example) -> Fraction:
    return Fraction(min(LARGEST_MARGIN, clearance(pieces(example.network), example.s, example.f)))


def _require_agreement(family: Family, max_dimension: int, small: Found, found: Found) -> None:
    """What z3 found must be what enumeration found, as far as that goes."""
    (computes, margin, example), (all_compute, all_margin, all_example) = small, found
    if max_dimension < all_example.D:
        agree = computes and margin >= all_margin
    else:
        agree = (computes, margin) == (all_compute, all_margin) and (computes or example == all_example)
    if not agree:
        raise UserError(
            f"{family.name}: two proofs contradict each other. Enumeration up to D = {max_dimension}: "
            f"computes f: {computes}, margin {margin}, {example}. z3 for all D: computes f: {all_compute}, "
            f"margin {all_margin}, {all_example}",
            expected="the same answer",
            hint="this is a fault of the program or of z3, not of the construction: please report it",
        )
