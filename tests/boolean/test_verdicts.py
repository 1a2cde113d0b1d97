"""Verdicts on the shipped constructions, against the definitions and against what is known by hand."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest

from octrepro.boolean.networks import Network
from octrepro.boolean.verification import Verdict, verify
from tests.boolean.constructions import shipped
from tests.boolean.oracle import NETWORKS, TINY, cube, f, mismatches, moved, ranges, robust

LARGEST = 5


@cache
def verdict(name: str, largest: int = LARGEST) -> Verdict:
    return verify(shipped()[name], largest)


@pytest.mark.parametrize("name", NETWORKS)
def test_params_hold_what_the_source_prints(name: str) -> None:
    for D, A, B in ranges(3):
        plain, network = NETWORKS[name](D, A, B), shipped()[name].at(D, A, B)
        assert network == Network(
            plain.activation,
            plain.W1,
            plain.b1,
            plain.W2,
            plain.b2,
        )


@pytest.mark.parametrize("name", NETWORKS)
def test_verdict_is_that_of_the_definitions(name: str) -> None:
    found, wrong = verdict(name), mismatches(NETWORKS[name], LARGEST)
    assert found.evaluated == sum(2**D for D, _, _ in ranges(LARGEST))
    assert found.mismatches == len(wrong)
    place = found.first_counterexample
    assert (None if place is None else (place.dimension, place.A, place.B, place.x)) == (
        wrong[0] if wrong else None
    )
    assert found.robust == robust(NETWORKS[name], 3) == verdict(name, 3).robust


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
    assert found.computes == computes
    assert found.robust == (margin != "0")
    assert found.radii == {D: Fraction(margin) / D for D in range(1, LARGEST + 1)}
    assert found.radius == Fraction(margin) / LARGEST


def test_smallest_counterexample_shows_each_unit() -> None:
    place = verdict("printed_sign_robust").first_counterexample
    assert place is not None
    assert place.as_dict() == {
        "dimension": 1, "A": -1, "B": -1, "x": [-1], "sum": -1, "f": 1, "h": -1,
        "pre_activations": {"hidden": [1, -1], "output": -1},
    }  # fmt: skip


def test_printed_relu_is_minus_one_everywhere() -> None:
    """Its output pre-activation is at most -1, so it is wrong exactly where f = +1."""
    for name in ("printed_relu", "printed_relu_robust"):
        positive = sum(f(x, A, B) == 1 for D, A, B in ranges(LARGEST) for x in cube(D))
        assert verdict(name).mismatches == positive


@pytest.mark.parametrize("name", ["printed_sign", "corrected_relu"])
def test_breaking_direction_breaks(name: str) -> None:
    found = verdict(name).units[2].first_break
    assert found is not None
    plain = NETWORKS[name](found.place.dimension, found.place.A, found.place.B)
    assert plain.h(found.place.x) == found.place.h == found.place.f
    for t in (TINY, Fraction(1, 3) if found.until is None else found.until * Fraction(99, 100)):
        assert plain.h(moved(found.place.x, found.v, t)) == found.value == -found.place.h


def test_until_is_where_the_broken_stretch_ends() -> None:
    """D = 2, A = B = 0: h = +1 on the plane sum(x) = 0 alone, so along e_1 it stays -1 for ever."""
    found = verdict("printed_sign").units[2].first_break
    assert found is not None
    assert found.until is None


def test_each_unit_is_judged() -> None:
    """A sign unit at 0 jumps, a ReLU unit does not; an output at 0 matters only if some step leaves it."""
    hidden_1, hidden_2, output = verdict("printed_sign").units
    assert [unit.first_break is None for unit in (hidden_1, hidden_2, output)] == [False, False, False]
    assert (hidden_1.smallest, output.smallest) == (0, 1)
    plain, flat = verdict("corrected_relu").units, verdict("corrected_relu_robust").units
    assert [unit.first_break is None for unit in plain] == [True, True, False]
    assert [unit.first_break is None for unit in flat] == [True, True, True]
    assert plain[2].smallest == flat[2].smallest == 0
    positive = sum(f(x, A, B) == 1 for D, A, B in ranges(LARGEST) for x in cube(D))
    assert flat[2].on_threshold == positive


@pytest.mark.parametrize("unit", [0, 1])
def test_hidden_direction_leaves_the_value_of_the_unit(unit: int) -> None:
    found = verdict("printed_sign").units[unit].first_break
    assert found is not None
    network = found.place.network
    assert network.pre_activations(found.place.x)[unit] == 0
    assert network.pre_activations(moved(found.place.x, found.v, TINY))[unit] < 0


def test_thresholds_are_counted_for_every_vertex() -> None:
    counted = sum(sum(x) == A for D, A, _ in ranges(LARGEST) for x in cube(D))
    assert verdict("printed_sign").units[0].on_threshold == counted


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
