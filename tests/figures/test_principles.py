import numpy as np

from octrepro.figures.principles import losses_on_segments


def test_logistic_loss_curves_upwards_and_the_networks_rises_above_its_chord():
    positions, losses = losses_on_segments()
    assert np.diff(losses["logistic"], n=2).min() > 0
    ends, middle = losses["network"][[0, -1]], losses["network"][len(positions) // 2]
    assert middle > ends.mean() + 0.1
