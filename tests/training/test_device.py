"""The accelerator's loop, run on the processor, where it must give the bits of `native` numerics."""

from typing import Any

import pytest
import torch

from octrepro.config import Feedforward
from octrepro.core import UserError
from octrepro.training.device import STEPS_AT_ONCE, cuda_device, train_on_device
from octrepro.training.gradient import train_by_gradient
from octrepro.training.optimizers import Adam
from tests.oracles import data as samples


def experiment(**changes: Any) -> Feedforward:
    settings = {"epochs": 2, "learning_rate": 0.05, "batch_size": 8, "hidden_size": 20, "hidden_layers": 2}
    return Feedforward(model="feedforward", **{**settings, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dropout": 0.3, "l2_decay": 0.01},
        {"optimizer": "adam"},
        {"batch_size": 1024},
        {"learning_rate": 1e30},
    ],
    ids=str,
)
def test_it_is_the_same_training(changes: dict[str, Any]) -> None:
    # One whole group of steps, some whole batches beyond it, and a smaller last batch.
    data = samples.random_data(STEPS_AT_ONCE * 8 + 43, 30, 4)
    expected = train_by_gradient(data, experiment(**changes), 42, "native")
    trained = train_on_device(data, experiment(**changes), 42, torch.device("cpu"))
    assert repr(trained.epochs) == repr(expected.epochs)
    assert trained.updates == expected.updates
    for ours, theirs in zip(trained.layers, expected.layers, strict=True):
        assert ours.weight.tobytes() == theirs.weight.tobytes()
        assert ours.bias.tobytes() == theirs.bias.tobytes()


def test_an_optimizer_that_was_reset_starts_anew() -> None:
    start = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    gradients = [torch.ones(4, 3)]
    weight, fresh = start.clone(), start.clone()
    update = Adam([weight], 0.1, 0.0)
    update(gradients)
    update.reset()
    weight.copy_(start)
    update(gradients)
    Adam([fresh], 0.1, 0.0)(gradients)
    assert torch.equal(weight, fresh)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_a_device_the_message_says_what_to_do() -> None:
    with pytest.raises(UserError, match="numerics: cuda"):
        cuda_device()
    with pytest.raises(UserError, match="portable or native"):
        train_by_gradient(samples.random_data(20, 5, 2), experiment(), 42, "cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_recorded_steps_agree_with_steps_one_by_one(optimizer: str) -> None:
    data = samples.random_data(STEPS_AT_ONCE * 8 * 3, 30, 4)
    on_gpu = train_on_device(data, experiment(optimizer=optimizer), 42, cuda_device())
    on_cpu = train_on_device(data, experiment(optimizer=optimizer), 42, torch.device("cpu"))
    for ours, theirs in zip(on_gpu.epochs, on_cpu.epochs, strict=True):
        assert ours.train_loss == pytest.approx(theirs.train_loss, rel=1e-3)
        assert ours.val_loss == pytest.approx(theirs.val_loss, rel=1e-3)
