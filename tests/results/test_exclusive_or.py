import itertools

import numpy as np

from octrepro.results.exclusive_or import LABELS, MULTIPLIERS, POINTS, refutes_linear_models


def test_certificates_refute_exclusive_or_and_nothing_that_a_line_separates() -> None:
    assert refutes_linear_models(POINTS, LABELS, MULTIPLIERS)
    assert not refutes_linear_models(POINTS, LABELS, -MULTIPLIERS)
    # A line separates any labeling of these points but exclusive-or and its negation.
    for labels in map(np.array, itertools.product((-1, 1), repeat=4)):
        if abs(labels @ LABELS) == 4:
            continue
        for multipliers in map(np.array, itertools.product((0, 1, 2), repeat=4)):
            assert not refutes_linear_models(POINTS, labels, multipliers)
