import numpy as np
import pytest

from octrepro.figures.captions import trend


@pytest.mark.parametrize(
    ("values", "best", "words"),
    [
        ([0.2, 0.3, 0.5], "highest", "rises from 0.200 at epoch 1 to 0.500 at epoch 3"),
        (
            [0.9, 0.2, 0.5],
            "lowest",
            "falls from 0.900 at epoch 1 to 0.500 at epoch 3, lowest 0.200 at epoch 2",
        ),
        ([0.5, 0.1, 0.5], None, "goes from 0.500 at epoch 1 to 0.500 at epoch 3, between 0.100 and 0.500"),
        ([0.5, 0.5, 0.5], None, "stays at 0.500 from epoch 1 to 3"),
        ([0.5, np.nan, np.nan], None, "is 0.500 after epoch 1"),
        ([np.nan, np.inf, np.nan], None, "has no finite value"),
    ],
)
def test_a_curve_in_words(values, best, words):
    y = np.array(values)
    finite = np.isfinite(y)
    assert trend("loss", np.array([1.0, 2.0, 3.0])[finite], y[finite], best) == f"loss {words}"
