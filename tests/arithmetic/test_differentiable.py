import pytest
import torch
from torch import nn
from torch.nn import functional

from octrepro.arithmetic.differentiable import PortableLinear, PortableTanh, portable_cross_entropy


def pair() -> tuple[nn.Linear, PortableLinear]:
    torch.manual_seed(3)
    plain = nn.Linear(13, 5)
    torch.manual_seed(3)
    return plain, PortableLinear(13, 5)


def test_initial_weights_are_those_of_a_linear_layer() -> None:
    plain, portable = pair()
    assert torch.equal(plain.weight, portable.weight)
    assert torch.equal(plain.bias, portable.bias)


@pytest.mark.parametrize("rows", [1, 2, 16, 31])
def test_linear_values_and_gradients(rows: int) -> None:
    results = []
    for layer in pair():
        torch.manual_seed(4)
        x = torch.randn(rows, 13, requires_grad=True)
        y = layer(x)
        (y * torch.randn(rows, 5)).sum().backward()
        results.append([y, x.grad, layer.weight.grad, layer.bias.grad])
    for plain, portable in zip(*results, strict=True):
        torch.testing.assert_close(portable, plain)


def test_gradient_of_inputs_is_computed_only_on_demand() -> None:
    _, layer = pair()
    x = torch.randn(4, 13)
    layer(x).sum().backward()
    assert x.grad is None
    assert layer.weight.grad is not None


def test_weight_gradient_is_laid_out_as_the_weight() -> None:
    _, layer = pair()
    layer(torch.randn(4, 13)).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.stride() == layer.weight.stride() == (1, 5)


def test_tanh_values_and_gradients() -> None:
    results = []
    for module in (nn.Tanh(), PortableTanh()):
        x = torch.linspace(-4, 4, 60).view(6, 10).requires_grad_()
        y = module(x)
        (y * torch.linspace(-1, 1, 60).view(6, 10)).sum().backward()
        results.append([y, x.grad])
    for plain, portable in zip(*results, strict=True):
        torch.testing.assert_close(portable, plain)


def test_cross_entropy_values_and_gradients() -> None:
    results = []
    for function in (functional.cross_entropy, portable_cross_entropy):
        scores = torch.linspace(-4, 4, 60).view(15, 4).requires_grad_()
        loss = function(scores, torch.arange(15) % 4)
        (3 * loss).backward()
        assert loss.shape == ()
        results.append([loss.detach(), scores.grad])
    for plain, portable in zip(*results, strict=True):
        torch.testing.assert_close(portable, plain)
