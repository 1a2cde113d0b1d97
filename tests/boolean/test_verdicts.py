"""Verdicts on the shipped constructions and on others, against the definitions and what is known by hand."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.boolean import smt, verification
from octrepro.boolean.networks import Family
from octrepro.boolean.verification import Verdict, verify
from octrepro.core import UserError
from tests.boolean.constructions import make_family, plain, plain_family, shipped
from tests.boolean.oracle import NETWORKS, TINY, cube, f, mismatches, moved, ranges, robust

LARGEST = 5


@cache
def verdict(name: str) -> Verdict:
    return verify(shipped()[name], LARGEST)


@pytest.mark.parametrize("name", NETWORKS)
def test_params_hold_what_the_source_prints(name: str) -> None:
    for D, A, B in ranges(3):
        assert plain(shipped()[name].at(D, A, B), D) == NETWORKS[name](D, A, B)


@pytest.mark.parametrize("name", NETWORKS)
def test_verdict_is_that_of_the_definitions(name: str) -> None:
    found, wrong = verdict(name), mismatches(NETWORKS[name], LARGEST)
    assert found.evaluated == sum(2**D for D, _, _ in ranges(LARGEST))
    assert found.mismatches == len(wrong)
    first = found.first_counterexample
    assert (first and (first.D, first.A, first.B, first.x)) == (wrong[0] if wrong else None)
    assert found.robust == robust(NETWORKS[name], 3)


@pytest.mark.parametrize(
    ("name", "computes", "margin"),
    [
        ("printed_sign", True, "0"),
        ("printed_sign_robust", False, "0"),
        ("printed_relu", False, "0"),
        ("printed_relu_robust", False, "0"),
        ("corrected_sign_robust", True, "1/10"),
        ("corrected_relu", True, "0"),
        ("corrected_relu_robust", True, "1/10"),
        ("own_sign_midway", True, "1/2"),
        ("own_relu_midway", True, "1/2"),
        ("own_sign_parity", True, "1"),
        ("own_relu_parity", True, "1"),
    ],
)
def test_what_is_known_by_hand(name: str, computes: bool, margin: str) -> None:
    found = verdict(name)
    assert found.proof == ("proved" if computes else "refuted")
    assert (found.computes, found.robust) == (computes, margin != "0")
    assert found.margin == Fraction(margin)
    assert found.radius == Fraction(margin) / LARGEST


def test_smallest_counterexample_shows_each_unit() -> None:
    first = verdict("printed_sign_robust").first_counterexample
    assert first is not None
    assert first.as_dict() == {
        "dimension": 1, "A": -1, "B": -1, "x": [-1], "sum": -1, "f": 1, "h": -1,
        "pre_activations": {"hidden": [1, -1], "output": -1},
    }  # fmt: skip


@pytest.mark.parametrize("name", ["printed_sign", "corrected_relu"])
def test_breaking_direction_breaks(name: str) -> None:
    found = verdict(name).breaking
    assert found is not None
    case = found.example
    network = NETWORKS[name](case.D, case.A, case.B)
    assert network.h(case.x) == case.f
    v = (found.step, *(0,) * (case.D - 1))
    assert network.h(moved(case.x, v, TINY)) == found.value == -case.f


@pytest.mark.parametrize("name", ["corrected_sign_robust", "corrected_relu_robust", "own_sign_parity"])
def test_radius_by_brute_force(name: str) -> None:
    """Corners of the ball are right just inside the radius everywhere, and one is wrong just outside."""
    found = verdict(name)
    wrong_outside = False
    for D, A, B in ranges(3):
        oracle = plain_family(shipped()[name])(D, A, B)
        for x in cube(D):
            for corner in cube(D):
                inside = [a + (found.margin / D - TINY) * d for a, d in zip(x, corner, strict=True)]
                assert oracle.h(inside) == f(x, A, B)
                beyond = [a + (found.margin / D + TINY) * d for a, d in zip(x, corner, strict=True)]
                wrong_outside |= oracle.h(beyond) != f(x, A, B)
    assert wrong_outside


@st.composite
def near_misses(draw: st.DrawFn) -> Family:
    """Weights and biases a A + b B + c D + d: near-misses of the constructions that compute f, mostly."""
    relu = draw(st.booleans())
    lean = -1 if relu else 1
    scale = draw(st.integers(1, 3))
    bias = st.integers(-2, 2)
    return make_family(
        "relu" if relu else "sign",
        *(
            lean * scale,
            f"{-lean * scale}*A + {draw(bias)}",
            -lean * scale,
            f"{lean * scale}*B + {draw(bias)}",
        ),
        *(lean, lean, (0 if relu else -1) + draw(st.sampled_from([-1, 0, 0, 1]))),
    )


@given(near_misses())
@settings(max_examples=100, deadline=None)
def test_verdict_on_any_family(family: Family) -> None:
    """Verdict, first counterexample and robustness of near-misses, against the definitions."""
    make = plain_family(family)
    found, wrong = verify(family, 2), mismatches(make, 2)
    assert found.mismatches == len(wrong)
    first = found.first_counterexample
    if wrong:
        assert first is not None
        assert (first.D, first.A, first.B, first.x) == wrong[0]
    assert found.computes == (first is None)
    if found.computes:
        assert found.robust == robust(make, 2)
    assert found.margin <= verification.LARGEST_MARGIN


def test_a_failure_beyond_the_enumeration_is_found() -> None:
    """D % 13 - D is 0 up to D = 12. The first bound is wrong from D = 13 on, and not at once by much."""
    family = make_family("sign", 2, "1 - 2*A + D % 13 - D", -2, "2*B + 1", 1, 1, -1)
    found = verify(family, 6)
    assert (found.mismatches, found.proof) == (0, "refuted")
    first = found.first_counterexample
    assert first is not None
    assert first.D == 13
    oracle = plain(family.at(13, first.A, first.B), 13)
    assert oracle.h(first.x) != f(first.x, first.A, first.B)


def test_a_margin_that_shrinks_beyond_the_enumeration_is_found() -> None:
    """D % 9 - D % 9 % 8 is 8 where D is 8 more than a multiple of 9, else 0: the threshold moves there."""
    family = make_family("sign", 32, "16 - 32*A + D % 9 - D % 9 % 8", -32, "32*B + 16", 1, 1, -1)
    found = verify(family, 4)
    assert (found.proof, found.margin) == ("proved", Fraction(1, 4))
    assert found.tightest is not None
    assert found.tightest.D == 8


def test_huge_dimensions_do_not_fill_memory() -> None:
    family = make_family("sign", 2, f"1 - 2*A + D % {10**17} - D", -2, "2*B + 1", 1, 1, -1)
    first = verify(family, 3).first_counterexample
    assert first is not None
    assert first.D == 10**17
    assert first.as_dict()["x"] is None


@pytest.mark.parametrize(("weight", "bias"), [("D", "-D*A"), ("1", "-A + A*B - B*A"), ("A - A + 1", "-A")])
def test_what_is_not_linear_is_not_decided(weight: str, bias: str) -> None:
    found = verify(make_family("sign", weight, bias, -1, "B", 1, 1, -1), 3)
    assert found.proof == "not decided"
    assert found.reason
    assert found.mismatches == 0
    assert found.computes


def test_a_counterexample_decides_what_is_not_linear() -> None:
    found = verify(make_family("sign", "D", "-A*D", -1, "B - 1", 1, 1, -1), 3)
    assert found.proof == "refuted"
    assert found.reason is None


def test_a_limit_on_work_leaves_a_verdict_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smt, "LIMIT", 1)
    found = verify(shipped()["own_sign_parity"], 3)
    assert found.proof == "not decided"
    assert found.margin == 1


@pytest.mark.parametrize("name", ["own_sign_parity", "printed_relu"])
def test_contradicting_witnesses_are_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A z3 that calls the right construction wrong, and the wrong one right."""
    wrong = shipped()[name].example(1, -1, -1, -1) if name == "own_sign_parity" else None
    monkeypatch.setattr(smt, "find_wrong", lambda family, margin=None: wrong)
    with pytest.raises(UserError, match="contradict"):
        verify(shipped()[name], 3)


def test_corrections_change_no_more_than_biases() -> None:
    pairs = [
        ("printed_sign_robust", "corrected_sign_robust"),
        ("printed_relu", "corrected_relu"),
        ("printed_relu_robust", "corrected_relu_robust"),
    ]
    for printed, corrected in pairs:
        before, after = shipped()[printed].at(3, -1, 2), shipped()[corrected].at(3, -1, 2)
        assert before.hidden_weights == after.hidden_weights
        assert before.output_weights == after.output_weights
        assert (before.hidden_biases, before.output_bias) != (after.hidden_biases, after.output_bias)
