"""Single perceptrons: every answer's witness checked anew, and the theorem against the table."""

from octrepro.boolean.separability import Perceptron, separable, table, witness
from tests.boolean.oracle import cube, f, ranges

LARGEST = 6


def test_witnesses_prove_the_theorem_up_to_dimension_six() -> None:
    """Weights give f at all vertices; or two pairs of vertices of different classes add up to the same."""
    for D, A, B in ranges(LARGEST):
        found = witness(D, A, B)
        assert isinstance(found, Perceptron) == separable(D, A, B)
        if isinstance(found, Perceptron):
            assert all((found.weight * sum(x) + found.bias >= 0) == (f(x, A, B) == 1) for x in cube(D))
        else:
            assert all(f(x, A, B) == 1 for x in found.positive)
            assert all(f(x, A, B) == -1 for x in found.negative)
            assert {*found.positive, *found.negative} <= set(cube(D))
            first, second = ([sum(pair) for pair in zip(*side, strict=True)] for side in found)
            assert first == second
    assert table()["theorem_holds"]
