"""The operations of this package as PyTorch's automatic differentiation sees them.

Each is an operation of a library of our own, so that whatever looks at PyTorch's operations (such as a trace
of a training step) sees these too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from octrepro.arithmetic.elementary import tanh_of
from octrepro.arithmetic.products import product
from octrepro.arithmetic.softmax import mean_cross_entropy
from octrepro.arithmetic.sums import column_sums

Array = NDArray[Any]

operations = torch.ops.octrepro

# Each operation's implementation, for callers who need no dispatch.
IMPLEMENTATIONS: dict[Any, Callable[..., Any]] = {}

_LIBRARY = torch.library.Library("octrepro", "DEF")  # type: ignore[no-untyped-call]


def _define(signature: str, function: Callable[..., Any], gradient: Callable[..., Any] | None = None) -> None:
    """Add a function of arrays as an operation; `gradient` finds its inputs and then its outputs saved."""
    name = signature.split("(")[0]

    def implementation(*inputs: Tensor) -> Any:
        found = function(*[each.detach().numpy() for each in inputs])
        return [*map(torch.from_numpy, found)] if isinstance(found, tuple) else torch.from_numpy(found)

    def save(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs, *(output if isinstance(output, tuple) else [output]))
        ctx.set_materialize_grads(False)

    _LIBRARY.define(signature)  # type: ignore[no-untyped-call]
    _LIBRARY.impl(name, implementation, "CPU")  # type: ignore[no-untyped-call]
    IMPLEMENTATIONS[getattr(operations, name).default] = implementation
    if gradient is not None:
        torch.library.register_autograd(f"octrepro::{name}", gradient, setup_context=save, lib=_LIBRARY)


def _affine(x: Array, weight: Array, bias: Array) -> Array:
    scores = product(x, weight.T)
    scores += bias
    return scores


def _affine_gradients(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
    """G W, where it is wanted, G^T x and the column sums of G."""
    x, weight, *_ = ctx.saved_tensors
    of_x = operations.product(gradient, weight) if ctx.needs_input_grad[0] else None
    return of_x, *operations.parameter_gradients(gradient, x)


def _parameter_gradients(gradient: Array, x: Array) -> tuple[Array, Array]:
    """Of the weight, laid out as it is, and of the bias."""
    return product(x.T, gradient).T, column_sums(gradient)


def _tanh_gradient(ctx: Any, gradient: Tensor) -> Tensor:
    """G (1 - tanh(x)^2), each operation rounded."""
    result: Tensor = ctx.saved_tensors[1]
    return gradient * (1 - result * result)


def _cross_entropy(scores: Array, labels: NDArray[np.int64]) -> tuple[Array, Array]:
    """The mean cross-entropy and, found together with it, its gradient in the scores."""
    gradient = np.empty_like(scores)
    return np.array(mean_cross_entropy(scores, labels, gradient), scores.dtype), gradient


def _cross_entropy_gradient(ctx: Any, of_loss: Tensor, of_gradient: None) -> tuple[Tensor, None]:
    *_, gradient = ctx.saved_tensors
    return of_loss * gradient, None


_define("product(Tensor a, Tensor b) -> Tensor", product)
_define("parameter_gradients(Tensor gradient, Tensor x) -> (Tensor, Tensor)", _parameter_gradients)
_define("affine(Tensor x, Tensor weight, Tensor bias) -> Tensor", _affine, _affine_gradients)
_define("tanh(Tensor x) -> Tensor", tanh_of, _tanh_gradient)
_define(
    "cross_entropy(Tensor scores, Tensor labels) -> (Tensor, Tensor)",
    _cross_entropy,
    _cross_entropy_gradient,
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
