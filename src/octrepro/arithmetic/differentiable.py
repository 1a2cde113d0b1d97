"""The operations of this package as PyTorch's automatic differentiation sees them.

Each has two parts: an operation of a library of our own, so that whatever looks at PyTorch's operations
(such as a trace of a training step) sees these too, and a function or a module that knows the derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from octrepro.arithmetic.elementary import tanh_of
from octrepro.arithmetic.products import multiply
from octrepro.arithmetic.softmax import mean_cross_entropy
from octrepro.arithmetic.sums import column_sums

Tensor = torch.Tensor


def _product(a: Tensor, b: Tensor) -> Tensor:
    # PyTorch's memory begins where a line of the cache does, as products want it.
    out = torch.empty(len(a), b.shape[1])
    multiply(a.detach().numpy(), b.detach().numpy(), out.numpy())
    return out


def _affine(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return _product(x, weight.t()).add_(bias)


def _column_sums(a: Tensor) -> Tensor:
    return torch.from_numpy(column_sums(a.detach().numpy()))


def _tanh(x: Tensor) -> Tensor:
    return torch.from_numpy(tanh_of(x.detach().numpy()))


def _cross_entropy(scores: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    array = scores.detach().numpy()
    gradient = np.empty_like(array)
    loss = mean_cross_entropy(array, labels.numpy(), gradient)
    return scores.new_tensor(loss), torch.from_numpy(gradient)


# Signature and implementation of each operation.
OPERATIONS = {
    "product(Tensor a, Tensor b) -> Tensor": _product,
    "affine(Tensor x, Tensor weight, Tensor bias) -> Tensor": _affine,
    "column_sums(Tensor a) -> Tensor": _column_sums,
    "tanh(Tensor x) -> Tensor": _tanh,
    "cross_entropy(Tensor scores, Tensor labels) -> (Tensor, Tensor)": _cross_entropy,
}
_LIBRARY = torch.library.Library("octrepro", "DEF")  # type: ignore[no-untyped-call]
for _signature, _implementation in OPERATIONS.items():
    _LIBRARY.define(_signature)  # type: ignore[no-untyped-call]
    _LIBRARY.impl(_signature.split("(")[0], _implementation, "CPU")  # type: ignore[no-untyped-call]
operations = torch.ops.octrepro

# Each operation's implementation, for callers who need no dispatch.
IMPLEMENTATIONS = {
    getattr(operations, signature.split("(")[0]).default: function
    for signature, function in OPERATIONS.items()
}


class PortableLinear(nn.Linear):
    """`torch.nn.Linear`, its three matrix products done by `octrepro.arithmetic.products`.

    Shapes, initial weights and gradients are those of `nn.Linear`, for inputs of shape (n, in_features) in
    float32. The weight lies in memory input by input, as the products of small batches want it.
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features)
        self.weight = nn.Parameter(self.weight.detach().t().contiguous().t())

    def forward(self, input: Tensor) -> Tensor:
        """Scores x W^T + b, shape (n, out_features)."""
        result: Tensor = _Affine.apply(input, self.weight, self.bias)  # type: ignore[no-untyped-call]
        return result


class PortableTanh(nn.Module):
    """`torch.nn.Tanh` by `octrepro.arithmetic.elementary.tanh`."""

    def forward(self, input: Tensor) -> Tensor:
        """The hyperbolic tangent of each number."""
        result: Tensor = _Tanh.apply(input)  # type: ignore[no-untyped-call]
        return result


def portable_cross_entropy(scores: Tensor, labels: Tensor) -> Tensor:
    """`torch.nn.functional.cross_entropy` by `octrepro.arithmetic.softmax`: the mean over a batch, a scalar.

    Parameters
    ----------
    scores
        Shape (n, classes), float32.
    labels
        Shape (n,), int64.
    """
    result: Tensor = _CrossEntropy.apply(scores, labels)  # type: ignore[no-untyped-call]
    return result


class _Affine(torch.autograd.Function):
    """x W^T + b, and its gradients: G W, G^T x (laid out as the weight is) and the column sums of G."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        scores: Tensor = operations.affine(x, weight, bias)
        return scores

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        x, weight = ctx.saved_tensors
        (gradient,) = gradients
        return (
            operations.product(gradient, weight) if ctx.needs_input_grad[0] else None,
            operations.product(x.t(), gradient).t(),
            operations.column_sums(gradient),
        )


class _Tanh(torch.autograd.Function):
    """tanh x; the gradient is G (1 - tanh(x)^2), each operation rounded."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        result: Tensor = operations.tanh(x)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (result,) = ctx.saved_tensors
        gradient: Tensor = gradients[0] * (1 - result * result)
        return gradient


class _CrossEntropy(torch.autograd.Function):
    """The mean cross-entropy; its gradient in the scores is found together with it."""

    @staticmethod
    def forward(ctx: Any, scores: Tensor, labels: Tensor) -> Tensor:
        loss, gradient = operations.cross_entropy(scores, labels)
        ctx.save_for_backward(gradient)
        result: Tensor = loss
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = ctx.saved_tensors
        return gradients[0] * gradient, None
