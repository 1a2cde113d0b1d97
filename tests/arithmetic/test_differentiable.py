from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from octrepro.arithmetic.differentiable import PortableLinear, PortableTanh, portable_cross_entropy


def linear(kind: type[nn.Linear]) -> nn.Linear:
    torch.manual_seed(3)
    return kind(13, 5)


LABELS = torch.arange(31) % 13
PAIRS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "linear": (linear(nn.Linear), linear(PortableLinear)),
    "tanh": (nn.Tanh(), PortableTanh()),
    "cross_entropy": (
        lambda scores: functional.cross_entropy(scores, LABELS[: len(scores)]),
        lambda scores: portable_cross_entropy(scores, LABELS[: len(scores)]),
    ),
}


@pytest.mark.parametrize("rows", [1, 2, 16, 31])
@pytest.mark.parametrize("name", PAIRS)
def test_values_and_gradients_are_pytorchs(name: str, rows: int) -> None:
    results = []
    for function in PAIRS[name]:
        torch.manual_seed(4)
        x = torch.randn(rows, 13, requires_grad=True)
        y = function(x)
        parameters = list(function.parameters()) if isinstance(function, nn.Module) else []
        gradients = torch.autograd.grad((y * torch.randn(y.shape)).sum(), [x, *parameters])
        results.append([y, *gradients])
    for plain, portable in zip(*results, strict=True):
        torch.testing.assert_close(portable, plain)


def test_initial_weights_are_those_of_a_linear_layer() -> None:
    plain, portable = linear(nn.Linear), linear(PortableLinear)
    assert torch.equal(plain.weight, portable.weight)
    assert torch.equal(plain.bias, portable.bias)
