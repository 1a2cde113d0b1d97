"""The operations of this package as PyTorch's automatic differentiation sees them.

Each is an operation of a library of our own, so that whatever looks at PyTorch's operations (such as a trace
of a training step) sees these too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from octrepro.arithmetic.elementary import tanh_of
from octrepro.arithmetic.products import multiply
from octrepro.arithmetic.softmax import mean_cross_entropy
from octrepro.arithmetic.sums import column_sums


def _product(a: Tensor, b: Tensor) -> Tensor:
    # PyTorch's memory begins where a line of the cache does, as products want it.
    out = torch.empty(len(a), b.shape[1])
    multiply(a.detach().numpy(), b.detach().numpy(), out.numpy())
    return out


def _column_sums(a: Tensor) -> Tensor:
    return torch.from_numpy(column_sums(a.detach().numpy()))


def _affine(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return _product(x, weight.t()).add_(bias)


def _affine_gradients(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
    """G W, where it is wanted, G^T x (laid out as the weight is) and the column sums of G."""
    x, weight = ctx.saved_tensors
    of_x = operations.product(gradient, weight) if ctx.needs_input_grad[0] else None
    return of_x, operations.product(x.t(), gradient).t(), operations.column_sums(gradient)


def _tanh(x: Tensor) -> Tensor:
    return torch.from_numpy(tanh_of(x.detach().numpy()))


def _tanh_gradient(ctx: Any, gradient: Tensor) -> Tensor:
    """G (1 - tanh(x)^2), each operation rounded."""
    result: Tensor = ctx.saved_tensors[0]
    return gradient * (1 - result * result)


def _cross_entropy(scores: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The mean cross-entropy and, found together with it, its gradient in the scores."""
    array = scores.detach().numpy()
    gradient = np.empty_like(array)
    loss = mean_cross_entropy(array, labels.numpy(), gradient)
    return scores.new_tensor(loss), torch.from_numpy(gradient)


def _cross_entropy_gradient(ctx: Any, of_loss: Tensor, of_gradient: None) -> tuple[Tensor, None]:
    (gradient,) = ctx.saved_tensors
    return of_loss * gradient, None


operations = torch.ops.octrepro

# Each operation's implementation, for callers who need no dispatch.
IMPLEMENTATIONS: dict[Any, Callable[..., Any]] = {}

_LIBRARY = torch.library.Library("octrepro", "DEF")  # type: ignore[no-untyped-call]


def _define(
    signature: str,
    implementation: Callable[..., Any],
    gradient: Callable[..., Any] | None = None,
    saved: Callable[[Any, Any], list[Tensor]] | None = None,
) -> None:
    """Add an operation; `saved` chooses from its inputs and its output what its gradient needs."""
    name = signature.split("(")[0]
    _LIBRARY.define(signature)  # type: ignore[no-untyped-call]
    _LIBRARY.impl(name, implementation, "CPU")  # type: ignore[no-untyped-call]
    IMPLEMENTATIONS[getattr(operations, name).default] = implementation
    if gradient is None or saved is None:
        return

    def save(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*saved(inputs, output))
        ctx.set_materialize_grads(False)

    torch.library.register_autograd(f"octrepro::{name}", gradient, setup_context=save, lib=_LIBRARY)


_define("product(Tensor a, Tensor b) -> Tensor", _product)
_define("column_sums(Tensor a) -> Tensor", _column_sums)
_define(
    "affine(Tensor x, Tensor weight, Tensor bias) -> Tensor",
    _affine,
    _affine_gradients,
    saved=lambda inputs, scores: [*inputs[:2]],
)
_define("tanh(Tensor x) -> Tensor", _tanh, _tanh_gradient, saved=lambda inputs, result: [result])
_define(
    "cross_entropy(Tensor scores, Tensor labels) -> (Tensor, Tensor)",
    _cross_entropy,
    _cross_entropy_gradient,
    saved=lambda inputs, outputs: [outputs[1]],
)


class PortableLinear(nn.Linear):
    """`torch.nn.Linear` by `octrepro.arithmetic.products`: x W^T + b, x of shape (n, in_features), float32.

    Shapes, initial weights and gradients are those of `nn.Linear`. The weight lies in memory input by input,
    as the products of small batches want it.
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features)
        self.weight = nn.Parameter(self.weight.detach().t().contiguous().t())

    def forward(self, input: Tensor) -> Tensor:
        scores: Tensor = operations.affine(input, self.weight, self.bias)
        return scores


class PortableTanh(nn.Module):
    """`torch.nn.Tanh` by `octrepro.arithmetic.elementary.tanh`."""

    def forward(self, input: Tensor) -> Tensor:
        result: Tensor = operations.tanh(input)
        return result


def portable_cross_entropy(scores: Tensor, labels: Tensor) -> Tensor:
    """`torch.nn.functional.cross_entropy` by `octrepro.arithmetic.softmax`: a batch's mean, a scalar."""
    loss: Tensor = operations.cross_entropy(scores, labels)[0]
    return loss
