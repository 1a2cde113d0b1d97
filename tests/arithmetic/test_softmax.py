import math

import numpy as np
import pytest
import torch

from octrepro.arithmetic.softmax import mean_cross_entropy, softmax_in_place


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mean_cross_entropy_agrees_with_pytorch(dtype: type) -> None:
    rng = np.random.default_rng(3)
    scores, labels = rng.normal(0, 3, (50, 4)).astype(dtype), rng.integers(0, 4, 50)
    gradient = np.empty_like(scores)
    loss = mean_cross_entropy(scores, labels, gradient)
    theirs = torch.tensor(scores.astype(np.float64), requires_grad=True)
    expected = torch.nn.functional.cross_entropy(theirs, torch.from_numpy(labels))
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-13)
    assert theirs.grad is not None
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), rtol=np.finfo(dtype).eps, atol=1e-17)


def test_loss_is_finite_where_a_probability_underflows() -> None:
    scores = np.array([2000.0, 0.0])
    assert softmax_in_place(scores, 1) == 2000.0
    assert scores.tolist() == [1.0, 0.0]
    assert math.isnan(softmax_in_place(np.array([1.0, math.nan]), 0))
