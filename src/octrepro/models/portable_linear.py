"""A linear layer whose bits do not depend on the processor."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from octrepro.models.matrix_product import product


class PortableLinear(nn.Linear):
    """`torch.nn.Linear`, its three matrix products done by `octrepro.models.matrix_product`.

    PyTorch's own products choose their order of summation by processor; these have one order, so that the
    same training gives the same weights on each. Shapes, initialisation and gradients are those of
    `nn.Linear`, for inputs of shape (n, in_features) in float32.
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Scores x W^T + b, shape (n, out_features)."""
        result: torch.Tensor = _Affine.apply(input, self.weight, self.bias)  # type: ignore[no-untyped-call]
        return result


class _Affine(torch.autograd.Function):
    """x W^T + b, and its gradients: G W, G^T x and the column sums of G."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        scores = product(x.detach().numpy(), weight.detach().numpy().T)
        scores += bias.detach().numpy()
        return torch.from_numpy(scores)

    @staticmethod
    def backward(
        ctx: Any, *gradients: torch.Tensor
    ) -> tuple[torch.Tensor | None, torch.Tensor, torch.Tensor]:
        x, weight = (tensor.detach().numpy() for tensor in ctx.saved_tensors)
        gradient = gradients[0].numpy()
        wanted = ctx.needs_input_grad[0]
        return (
            torch.from_numpy(product(gradient, weight)) if wanted else None,
            torch.from_numpy(product(gradient.T, x)),
            torch.from_numpy(np.add.reduce(gradient, axis=0)),
        )
