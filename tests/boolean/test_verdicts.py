"""Verdicts on the shipped constructions and on others, against the definitions and what is known by hand."""

from fractions import Fraction

import pytest

from octrepro.boolean import smt
from octrepro.boolean.networks import Family
from octrepro.boolean.verification import LARGEST_MARGIN, Verdict, verify
from octrepro.core import UserError
from tests.boolean import oracle
from tests.boolean.oracle import make_family, mutants, shipped

LARGEST = 5


def require_the_definitions(found: Verdict) -> None:
    """Counts, the first counterexample and robustness are those of the plain loops."""
    wrong = oracle.mismatches(found.family.at, found.max_dimension)
    assert found.evaluated == sum(2**D for D, _, _ in oracle.ranges(found.max_dimension))
    assert found.mismatches == len(wrong)
    first = found.example
    if wrong:
        assert (first.D, first.A, first.B, first.x) == wrong[0]
    elif found.computes:
        assert found.robust == oracle.robust(found.family.at, min(found.max_dimension, 3))


# The margins of those that compute f; 0 where not robust.
KNOWN = {
    "printed_sign": "0",
    "corrected_sign_robust": "1/10",
    "corrected_relu": "0",
    "corrected_relu_robust": "1/10",
    "own_sign_midway": "1/2",
    "own_relu_midway": "1/2",
    "own_sign_parity": "1",
    "own_relu_parity": "1",
}


@pytest.mark.parametrize("name", shipped())
def test_verdicts_are_those_of_the_definitions_and_known_by_hand(name: str) -> None:
    found, margin = verify(shipped()[name], LARGEST), Fraction(KNOWN.get(name, 0))
    assert found.proof == ("proved" if name in KNOWN else "refuted")
    assert (found.computes, found.robust) == (name in KNOWN, margin > 0)
    assert found.margin == margin
    assert Fraction(found.as_dict()["robust_radius"]) == margin / LARGEST
    require_the_definitions(found)


def test_verdicts_on_mutants_are_those_of_the_definitions() -> None:
    families = list(mutants())
    assert len(families) == 224
    for family in families:
        found = verify(family, 4)
        assert found.proof == ("proved" if found.computes else "refuted")
        assert found.margin <= LARGEST_MARGIN
        require_the_definitions(found)


def moving(threshold: str, scale: int = 2, offset: int = 1) -> Family:
    """Right thresholds of sign units, the first with something added."""
    first, second = f"{offset} - {scale}*A + {threshold}", f"{scale}*B + {offset}"
    return make_family("sign", scale, first, -scale, second, 1, 1, -1)


@pytest.mark.parametrize("period", [13, 10**17])
def test_a_failure_beyond_the_enumeration_is_found(period: int) -> None:
    """D % p - D is 0 below D = p. There the first threshold goes wrong; no vertex is written out."""
    found = verify(moving(f"D % {period} - D"), 6)
    assert (found.mismatches, found.proof) == (0, "refuted")
    first = found.example
    assert period == first.D
    assert first.h != first.f
    assert (first.as_dict()["x"] is None) == (period > 100)


def test_a_margin_that_shrinks_beyond_the_enumeration_is_found() -> None:
    """D % 9 - D % 9 % 8 is 8 where D is 8 more than a multiple of 9, else 0: the threshold moves there."""
    found = verify(moving("D % 9 - D % 9 % 8", 32, 16), 4)
    assert (found.proof, found.margin) == ("proved", Fraction(1, 4))
    assert found.example.D == 8


def test_a_limit_on_work_leaves_a_verdict_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smt, "LIMIT", 1)
    found = verify(shipped()["own_sign_parity"], 3)
    assert (found.proof, found.margin) == ("not decided", 1)


@pytest.mark.parametrize("name", ["own_sign_parity", "printed_relu", "corrected_sign_robust"])
def test_contradicting_witnesses_are_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A z3 that calls the right construction wrong, the wrong one right, and a margin larger than it is."""
    wrong = shipped()[name].example(1, -1, -1, -1) if name == "own_sign_parity" else None
    monkeypatch.setattr(smt, "find_wrong", lambda family, margin=None: wrong)
    with pytest.raises(UserError, match="contradict"):
        verify(shipped()[name], 3)
