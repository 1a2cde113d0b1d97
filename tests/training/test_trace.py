"""A traced step against the same step made eagerly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from octrepro.arithmetic.differentiable import PortableLinear, PortableTanh, portable_cross_entropy
from octrepro.training.optimizers import Sgd
from octrepro.training.trace import Step

NETWORKS: dict[str, Callable[[], nn.Sequential]] = {
    "portable": lambda: nn.Sequential(PortableLinear(5, 7), nn.ReLU(), PortableLinear(7, 3)),
    "portable_tanh": lambda: nn.Sequential(PortableLinear(5, 7), PortableTanh(), PortableLinear(7, 3)),
    "native": lambda: nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3)),
    "dropout": lambda: nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Dropout(0.4), nn.Linear(7, 3)),
}


def batch(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(8, 5, generator=generator), torch.arange(8) % 3


@pytest.mark.parametrize("l2_decay", [0.0, 0.01])
@pytest.mark.parametrize("name", NETWORKS)
def test_traced_steps_have_the_bits_of_eager_steps(name: str, l2_decay: float) -> None:
    loss_function: Any = portable_cross_entropy if "portable" in name else functional.cross_entropy
    courses = []
    for traced in (False, True):
        torch.manual_seed(2)
        network = NETWORKS[name]()
        parameters = list(network.parameters())
        update = Sgd(0.1, l2_decay).step
        step = Step(network, loss_function, update, batch(0), traced=True) if traced else None
        losses = []
        for seed in range(4):
            x, labels = batch(seed)
            if step:
                losses.append(step(x, labels)[0])
            else:
                loss = loss_function(network(x), labels)
                update(parameters, torch.autograd.grad(loss, parameters))
                losses.append(loss.item())
        courses.append((losses, [p.detach() for p in parameters]))
    assert courses[0][0] == courses[1][0]
    assert all(torch.equal(a, b) for a, b in zip(courses[0][1], courses[1][1], strict=True))


def test_tracing_changes_neither_weights_nor_the_generator() -> None:
    network = NETWORKS["dropout"]()
    before, state = [p.detach().clone() for p in network.parameters()], torch.get_rng_state()
    Step(network, functional.cross_entropy, Sgd(0.1, 0.0).step, batch(0), traced=True)
    assert all(torch.equal(p, q) for p, q in zip(network.parameters(), before, strict=True))
    assert torch.equal(torch.get_rng_state(), state)


def test_gradients_are_returned_where_there_is_no_update() -> None:
    network = NETWORKS["native"]()
    x, labels = batch(1)
    loss, gradients = Step(network, functional.cross_entropy, None, batch(0), traced=True)(x, labels)
    expected = functional.cross_entropy(network(x), labels)
    assert loss == expected.item()
    for ours, theirs in zip(
        gradients, torch.autograd.grad(expected, list(network.parameters())), strict=True
    ):
        assert torch.equal(ours, theirs)
