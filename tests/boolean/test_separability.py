"""Single perceptrons: every answer against linear programming, which knows neither witnesses nor theorem."""

import numpy as np
from scipy.optimize import linprog

from octrepro.boolean.separability import table
from tests.boolean.oracle import cube, f, ranges


def test_the_theorem_is_right_up_to_dimension_six() -> None:
    """A perceptron exists iff some weights and bias give every vertex a margin of 1 on its side."""
    found = table()
    assert [tuple(row.values())[:3] for row in found["rows"]] == list(ranges(6))
    for row in found["rows"]:
        D, A, B, answer = row.values()
        values = np.array([f(x, A, B) for x in cube(D)])
        points = np.column_stack([cube(D), np.ones(2**D)])
        solved = linprog(np.zeros(D + 1), -values[:, None] * points, -np.ones(2**D), bounds=(None, None))
        assert answer == (solved.status == 0)
    assert found["theorem_holds"]
