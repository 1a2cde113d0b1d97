"""A linear layer whose bits do not depend on the processor."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from octrepro.models.matrix_product import product

# Operations of PyTorch like its own, so that whatever looks at those sees these too.
_LIBRARY = torch.library.Library("octrepro", "DEF")  # type: ignore[no-untyped-call]
_LIBRARY.define("product(Tensor a, Tensor b) -> Tensor")  # type: ignore[no-untyped-call]
_LIBRARY.define("column_sums(Tensor a) -> Tensor")  # type: ignore[no-untyped-call]


def _product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(product(a.detach().numpy(), b.detach().numpy()))


def _column_sums(a: torch.Tensor) -> torch.Tensor:
    # One row after the other, from the first on, which NumPy's own sum does only for some shapes.
    first, *others = a.detach().numpy()
    sums = first.copy()
    for row in others:
        sums += row
    return torch.from_numpy(sums)


_LIBRARY.impl("product", _product, "CPU")  # type: ignore[no-untyped-call]
_LIBRARY.impl("column_sums", _column_sums, "CPU")  # type: ignore[no-untyped-call]


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
        scores: torch.Tensor = torch.ops.octrepro.product(x, weight.t()) + bias
        return scores

    @staticmethod
    def backward(
        ctx: Any, *gradients: torch.Tensor
    ) -> tuple[torch.Tensor | None, torch.Tensor, torch.Tensor]:
        x, weight = ctx.saved_tensors
        (gradient,) = gradients
        operations = torch.ops.octrepro
        return (
            operations.product(gradient, weight) if ctx.needs_input_grad[0] else None,
            operations.product(gradient.t(), x),
            operations.column_sums(gradient),
        )
