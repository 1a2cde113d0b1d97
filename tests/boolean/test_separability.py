"""Single perceptrons: every answer's witness checked anew, and the theorem against the table."""

from __future__ import annotations

from dataclasses import replace

from octrepro.boolean.separability import LARGEST_DIMENSION, Crossing, Perceptron, separable, table, witness
from tests.boolean.oracle import cube, f, ranges


def test_witnesses_prove_the_theorem_up_to_dimension_six() -> None:
    """Weights give f at all vertices; or two pairs of vertices of different classes add up to the same."""
    assert LARGEST_DIMENSION == 6
    for D, A, B in ranges(LARGEST_DIMENSION):
        found = witness(D, A, B)
        assert isinstance(found, Perceptron) == separable(D, A, B)
        if isinstance(found, Perceptron):
            for x in cube(D):
                assert (1 if found.weight * sum(x) + found.bias >= 0 else -1) == f(x, A, B)
        else:
            assert [f(x, A, B) for x in (*found.positive, *found.negative)] == [1, 1, -1, -1]
            assert all(x in set(cube(D)) for x in (*found.positive, *found.negative))
            first, second = (
                tuple(map(sum, zip(*side, strict=True))) for side in (found.positive, found.negative)
            )
            assert first == second


def test_the_table_counts_them() -> None:
    """The theorem leaves 2 D (D - 1) impossible cases of (2 D + 1)(D + 1)."""
    found = table()
    assert found["theorem_holds"]
    assert [(r["dimension"], r["A"], r["B"], r["separable"]) for r in found["rows"]] == [
        (*case, separable(*case)) for case in ranges(LARGEST_DIMENSION)
    ]
    for row in found["by_dimension"]:
        D = row["dimension"]
        assert row["total"] == (2 * D + 1) * (D + 1)
        assert row["total"] - row["separable"] == 2 * D * (D - 1)


def test_the_example_of_the_source() -> None:
    found = witness(2, -1, 1)
    assert isinstance(found, Crossing)
    assert set(found.positive) == {(1, -1), (-1, 1)}
    assert set(found.negative) == {(1, 1), (-1, -1)}


def test_false_witnesses_prove_nothing() -> None:
    good = witness(2, -1, 1)
    assert isinstance(good, Crossing)
    assert good.proves(2, -1, 1)
    assert not good.proves(2, -2, 1)  # (-1, -1) is positive there
    assert not replace(good, negative=good.positive).proves(2, -1, 1)
    assert not replace(good, positive=((1, -1), (1, -1))).proves(2, -1, 1)
    assert not Crossing(((0, 0), (0, 0)), ((0, 0), (0, 0))).proves(2, -1, 1)
    assert not Perceptron(1, 0).proves(2, -1, 1)


def test_no_small_perceptron_for_an_impossible_case() -> None:
    """Every integer perceptron with entries up to 3, equal weights or not, misses somewhere."""
    small = range(-3, 4)

    def computes(w1: int, w2: int, b: int) -> bool:
        return all((1 if w1 * x[0] + w2 * x[1] + b >= 0 else -1) == f(x, -1, 1) for x in cube(2))

    assert not any(computes(w1, w2, b) for w1 in small for w2 in small for b in small)
