import pytest
import torch
from torch import nn

from octrepro.models.portable_linear import PortableLinear


def pair() -> tuple[nn.Linear, PortableLinear]:
    torch.manual_seed(3)
    plain = nn.Linear(13, 5)
    torch.manual_seed(3)
    return plain, PortableLinear(13, 5)


def test_it_starts_with_the_same_weights() -> None:
    plain, portable = pair()
    assert torch.equal(plain.weight, portable.weight)
    assert torch.equal(plain.bias, portable.bias)


@pytest.mark.parametrize("rows", [1, 2, 16, 31])
def test_values_and_gradients_are_those_of_a_linear_layer(rows: int) -> None:
    results = []
    for layer in pair():
        torch.manual_seed(4)
        x = torch.randn(rows, 13, requires_grad=True)
        y = layer(x)
        (y * torch.randn(rows, 5)).sum().backward()
        results.append([y, x.grad, layer.weight.grad, layer.bias.grad])
    for plain, portable in zip(*results, strict=True):
        torch.testing.assert_close(portable, plain)


def test_a_gradient_of_the_inputs_is_made_only_when_asked_for() -> None:
    _, layer = pair()
    x = torch.randn(4, 13)
    layer(x).sum().backward()
    assert x.grad is None
    assert layer.weight.grad is not None
