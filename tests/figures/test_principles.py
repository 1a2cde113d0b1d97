import numpy as np

from octrepro.figures.principles import EXCLUSIVE_OR, HIDDEN, POINTS, losses_on_segments, network


def test_the_network_computes_exclusive_or():
    assert np.array_equal(np.sign(network(POINTS, HIDDEN)), EXCLUSIVE_OR)


def test_exchanging_the_units_leaves_the_network_as_it_is():
    assert np.array_equal(network(POINTS, HIDDEN), network(POINTS, HIDDEN[::-1]))


def test_the_logistic_loss_curves_upwards_and_the_networks_rises_above_its_chord():
    positions, losses = losses_on_segments()
    assert np.diff(losses["logistic"], n=2).min() > 0
    ends, middle = losses["network"][[0, -1]], losses["network"][len(positions) // 2]
    assert middle > ends.mean() + 0.1
