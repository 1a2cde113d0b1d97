"""verification.json: everything that was found about question 3, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from octrepro.boolean import separability
from octrepro.boolean.verification import Verdict

__all__ = ["LARGEST_MARGIN", "report"]

LARGEST_MARGIN = Fraction(1)
"""No network of two units that weigh all inputs alike keeps f right further than this from every sum.

Where f changes between the attainable sums s and s + 2, h must equal f(s) at all sums nearer than m to s, and
f(s + 2) at all sums nearer than m to s + 2. These open intervals are disjoint only if m <= 1. Every D has
such A and B, so the guaranteed L-infinity radius is at most 1 / D.
"""


def report(verdicts: Sequence[Verdict], max_dimension: int, constants: Mapping[str, int]) -> dict[str, Any]:
    """The content of verification.json.

    Parameters
    ----------
    verdicts
        What was found about each construction.
    max_dimension
        The largest D that was enumerated.
    constants
        The constants shared by the constructions.
    """
    robust = [verdict for verdict in verdicts if verdict.robust]
    best = max((verdict.margin for verdict in robust), default=Fraction(0))
    return {
        "max_dimension": max_dimension,
        "constants": dict(constants),
        "evaluated": sum(verdict.evaluated for verdict in verdicts),
        "constructions": [verdict.as_dict() for verdict in verdicts],
        "largest_radius": {
            "margin": str(best),
            "attained_by": [verdict.family.name for verdict in robust if verdict.margin == best],
            "bound_margin": str(LARGEST_MARGIN),
            "attains_bound": best == LARGEST_MARGIN,
        },
        "separability": separability.table(),
    }
