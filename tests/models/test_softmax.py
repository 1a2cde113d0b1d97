import math

import numpy as np
import pytest

from octrepro.models.softmax import softmax_in_place


def test_probabilities_and_loss_are_those_of_the_formulas() -> None:
    scores = np.array([0.5, -1.0, 2.0])
    expected = np.exp(scores) / np.exp(scores).sum()
    loss = softmax_in_place(scores, 1)
    assert scores == pytest.approx(expected, rel=1e-14)
    assert loss == pytest.approx(-math.log(expected[1]), rel=1e-14)


def test_a_probability_that_underflows_has_a_finite_loss() -> None:
    scores = np.array([2000.0, 0.0])
    assert softmax_in_place(scores, 1) == 2000.0
    assert scores.tolist() == [1.0, 0.0]


def test_nan_is_passed_on_rather_than_hidden() -> None:
    scores = np.array([1.0, math.nan])
    assert math.isnan(softmax_in_place(scores, 0))
