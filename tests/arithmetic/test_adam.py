import numpy as np
import pytest
import torch

from octrepro.arithmetic.adam import adam_step


@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_steps_agree_with_pytorch(decay: float) -> None:
    rng = np.random.default_rng(0)
    start = rng.normal(size=(30, 20)).astype(np.float32)
    theirs = torch.from_numpy(start.copy()).requires_grad_()
    optimizer = torch.optim.Adam([theirs], lr=0.01, weight_decay=decay)
    ours, mean, square = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for step in range(1, 6):
        gradient = rng.normal(size=start.shape).astype(np.float32)
        theirs.grad = torch.from_numpy(gradient)
        optimizer.step()
        factors = [decay, 0.1, 0.999, 0.001, (1 - 0.999**step) ** 0.5, 1e-8, -0.01 / (1 - 0.9**step)]
        adam_step(ours, gradient, mean, square, np.array(factors, np.float32))
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-5, atol=1e-6)
