import numpy as np

from octrepro.figures.principles import losses_on_segments


def test_convexity_figure_shows_both_losses():
    positions, losses = losses_on_segments()
    assert np.diff(losses["logistic"], n=2).min() > 0
    ends, middle = losses["network"][[0, -1]], losses["network"][len(positions) // 2]
    assert middle > ends.mean() + 0.1
