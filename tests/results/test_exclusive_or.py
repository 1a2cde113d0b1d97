import itertools

import numpy as np

from octrepro.results.exclusive_or import (
    HIDDEN,
    LABELS,
    MULTIPLIERS,
    POINTS,
    linear_models_as_networks,
    losses_between_twins,
    network,
    refutes_linear_models,
)


def test_certificates_refute_exclusive_or_and_nothing_that_a_line_separates() -> None:
    assert refutes_linear_models(POINTS, LABELS, MULTIPLIERS)
    assert not refutes_linear_models(POINTS, LABELS, -MULTIPLIERS)
    # A line separates any labeling of these points but exclusive-or and its negation.
    for labels in map(np.array, itertools.product((-1, 1), repeat=4)):
        if abs(labels @ LABELS) == 4:
            continue
        for multipliers in map(np.array, itertools.product((0, 1, 2), repeat=4)):
            assert not refutes_linear_models(POINTS, labels, multipliers)


def test_relu_networks_fit_exclusive_or_and_do_what_linear_models_do() -> None:
    assert list(np.sign(network(POINTS))) == list(LABELS)
    assert linear_models_as_networks(POINTS) == (27, 27)


def test_loss_rises_between_twins() -> None:
    assert list(network(POINTS, HIDDEN[::-1])) == list(network(POINTS))
    first, middle, last = losses_between_twins(np.array([0, 0.5, 1]))
    # At the ends every score is on the right side by 3; halfway both units are 0, so that all scores are -3.
    assert first == last == np.log1p(np.exp(-3))
    assert np.isclose(middle, (np.log1p(np.exp(-3)) + np.log1p(np.exp(3))) / 2)
