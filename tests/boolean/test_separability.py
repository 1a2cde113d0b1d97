"""Single perceptrons: every answer's witness checked anew, and the theorem against the table."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from octrepro.boolean.networks import intervals
from octrepro.boolean.separability import (
    LARGEST_DIMENSION,
    Hulls,
    Perceptron,
    decide,
    separable,
    table,
)
from tests.boolean.oracle import cube, f


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return table()


def test_every_case_is_decided(found: dict[str, Any]) -> None:
    cases = [(row["dimension"], row["A"], row["B"]) for row in found["rows"]]
    assert cases == [(D, A, B) for D in range(1, LARGEST_DIMENSION + 1) for A, B in intervals(D)]
    assert LARGEST_DIMENSION == 8


def test_witnesses_hold(found: dict[str, Any]) -> None:
    """From the JSON alone: weights reproduce f at all vertices, or the multipliers give one point twice."""
    for row in found["rows"]:
        D, A, B, witness = row["dimension"], row["A"], row["B"], row["witness"]
        if row["separable"]:
            for x in cube(D):
                z = witness["bias"] + sum(w * value for w, value in zip(witness["weights"], x, strict=True))
                assert (1 if z >= 0 else -1) == f(x, A, B)
            continue
        points = []
        for side, value in (("positive", 1), ("negative", -1)):
            vertices = [
                (tuple(1 if c == "+" else -1 for c in signs), Fraction(m))
                for signs, m in witness[side].items()
            ]
            assert all(len(x) == D and f(x, A, B) == value and m >= 0 for x, m in vertices)
            assert sum(m for _, m in vertices) == 1
            points.append([sum(m * x[i] for x, m in vertices) for i in range(D)])
        assert points[0] == points[1]


def test_theorem_fits_the_table(found: dict[str, Any]) -> None:
    assert found["theorem_holds"]
    for row in found["rows"]:
        assert row["separable"] == separable(row["dimension"], row["A"], row["B"])


def test_number_of_impossible_cases(found: dict[str, Any]) -> None:
    """The theorem leaves 2 D (D - 1) impossible cases of (2 D + 1)(D + 1)."""
    for row in found["by_dimension"]:
        D = row["dimension"]
        assert row["total"] == (2 * D + 1) * (D + 1)
        assert row["total"] - row["separable"] == 2 * D * (D - 1)


def test_the_example_of_the_source() -> None:
    witness = decide(2, -1, 1)
    assert isinstance(witness, Hulls)
    assert {x for x, _ in witness.positive} == {(1, -1), (-1, 1)}
    assert {x for x, _ in witness.negative} == {(1, 1), (-1, -1)}
    assert witness.point == (Fraction(0), Fraction(0))


def test_false_witnesses_prove_nothing() -> None:
    half = Fraction(1, 2)
    good = decide(2, -1, 1)
    assert isinstance(good, Hulls)
    assert good.proves(2, -1, 1)
    assert not good.proves(2, -2, 1)  # (-1, -1) is positive there
    assert not Hulls(good.positive, good.positive).proves(2, -1, 1)
    assert not Hulls((((1, -1), half),), good.negative).proves(2, -1, 1)
    uneven = (((1, -1), Fraction(3, 2)), ((-1, 1), -half))
    assert not Hulls(uneven, (((1, 1), half), ((-1, -1), half))).proves(2, -1, 1)
    negative = (((1, -1), Fraction(2)), ((1, -1), Fraction(-1)))
    assert not Hulls(negative, (((1, -1), Fraction(1)),)).proves(2, 0, 0)
    assert not Perceptron((1, 1), 0).proves(2, -1, 1)
    assert not Perceptron((1,), 1).proves(2, -2, 2)


def test_no_small_perceptron_for_an_impossible_case() -> None:
    """Every integer perceptron with entries up to 3 misses somewhere."""
    small = range(-3, 4)
    assert not any(Perceptron((w1, w2), b).proves(2, -1, 1) for w1 in small for w2 in small for b in small)
