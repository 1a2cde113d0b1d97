"""Replaying a recording against calling the function again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

from octrepro.models.mersenne_twister import Stream
from octrepro.models.portable_linear import PortableLinear
from octrepro.models.tape import Code, Operation
from octrepro.training import recording
from octrepro.training.optimizers import Sgd, unchanged
from octrepro.training.recording import Recording

SRC = Path(__file__).parents[2] / "src"


def stream() -> Stream:
    return Stream(torch.get_rng_state().numpy().tobytes())


def numbers(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(5))


def assert_replays(function: Callable[[torch.Tensor], torch.Tensor], *shape: int) -> None:
    """Record `function` on zeros, then compare both on other numbers, three times in a row."""
    x, out = torch.zeros(*shape), torch.empty(0)

    def step() -> None:
        nonlocal out
        out = function(x)

    torch.manual_seed(11)
    state = torch.get_rng_state()
    recorded = Recording(step, stream())
    torch.set_rng_state(state)
    replayed = []
    for i in range(3):
        x.copy_(numbers(*shape) + i)
        recorded.replay()
        replayed.append(out.clone())
    torch.set_rng_state(state)
    for i in range(3):
        assert torch.equal(replayed[i], function(numbers(*shape) + i))


FUNCTIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": torch.relu,
    "one_that_no_tape_has": torch.tanh,
    "several_results": lambda x: torch.max(x, dim=1).values,
    "no_form_that_is_told_where_to_write": lambda x: torch.ops.aten._to_copy.default(x * 2),
    "in_place": lambda x: torch.tanh(x).mul_(2.0).add_(x),
    "a_number_added": lambda x: x + 1.5,
    "rows_and_columns": lambda x: x + x.sum(dim=1, keepdim=True),
    "a_constant": lambda x: x * torch.ones_like(x),
    "a_constant_that_is_changed": lambda x: torch.zeros_like(x).add_(x).add_(x),
    "a_part_that_is_changed": lambda x: torch.ones_like(x).index_add_(0, torch.tensor([1, 2]), x[:2]),
    "transposed": lambda x: torch.relu(x.t()) * 2,
    "other_types": lambda x: torch.relu(x.double()),
    "dropout": lambda x: functional.dropout(x, 0.3),
    "dropout_at_its_default": lambda x: functional.dropout(torch.relu(x)),
    "dropout_beside_other_random_numbers": lambda x: functional.dropout(x, 0.3) + torch.randn_like(x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_operation(name: str) -> None:
    assert_replays(FUNCTIONS[name], 6, 9)


def steps_of(function: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> list[recording.Step]:
    """What a recording of `function` is made of."""
    seen: list[recording.Step] = []
    joined = recording._joined

    def look(steps: list[recording.Step], stream: Stream) -> object:
        seen.extend(steps)
        return joined(steps, stream)

    monkeypatch.setattr(recording, "_joined", look)
    Recording(function, stream())
    return seen


def codes(steps: list[recording.Step]) -> list[Code]:
    return [step.code for step in steps if isinstance(step, Operation)]


class Problem:
    """One linear layer and how it is stepped."""

    def __init__(self, l2_decay: float = 0.0) -> None:
        torch.manual_seed(2)
        self.layer = PortableLinear(5, 3)
        self.parameters = list(self.layer.parameters())
        self.update = Sgd(self.parameters, 0.1, l2_decay)
        self.x, self.labels = numbers(8, 5), torch.arange(8) % 3

    def gradients(self) -> tuple[torch.Tensor, ...]:
        loss = functional.cross_entropy(self.layer(self.x), self.labels)
        return torch.autograd.grad(loss, self.parameters)

    def step(self) -> None:
        self.update(self.gradients())


@pytest.mark.parametrize("l2_decay", [0.0, 0.01])
def test_a_weights_gradient_and_update_are_made_one(l2_decay: float, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem(l2_decay)
    found = codes(steps_of(problem.step, monkeypatch))
    assert found.count(Code.STEP_BY_PRODUCT) == 1
    assert found.count(Code.PRODUCT) == 1  # the forward one
    # The bias's additions remain.
    assert found.count(Code.ADD_MULTIPLE) == (2 if l2_decay else 1)


@pytest.mark.parametrize("part", [slice(None), slice(1, None)])
def test_a_gradient_that_is_used_elsewhere_is_kept(part: slice, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem()
    norm = torch.zeros(1)

    def step() -> None:
        gradients = problem.gradients()
        problem.update(gradients)
        norm.copy_(gradients[0][part].abs().max().view(1))

    found = codes(steps_of(step, monkeypatch))
    assert Code.STEP_BY_PRODUCT not in found
    assert norm > 0


def test_a_factor_that_changes_before_the_update_is_used_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem()

    def step() -> None:
        gradients = problem.gradients()
        problem.x.mul_(2.0)
        problem.update(gradients)

    assert Code.STEP_BY_PRODUCT not in codes(steps_of(step, monkeypatch))


def test_a_part_of_a_weight_that_changes_before_the_update_is_used_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = Problem()

    def step() -> None:
        gradients = problem.gradients()
        with torch.no_grad():
            problem.parameters[0][1:].mul_(0.5)
        problem.update(gradients)

    assert Code.STEP_BY_PRODUCT not in codes(steps_of(step, monkeypatch))


@pytest.mark.parametrize("linear", [nn.Linear, PortableLinear])
def test_what_was_tried_leaves_no_trace(linear: type[nn.Linear]) -> None:
    layer = linear(4, 2)
    parameters = list(layer.parameters())
    before, state = [p.detach().clone() for p in parameters], torch.get_rng_state()
    with unchanged(parameters):
        functional.dropout(numbers(9), 0.5)
        Sgd(parameters, 0.1, 0.0)([torch.ones_like(p) for p in parameters])
        assert not torch.equal(parameters[0], before[0])
    assert all(torch.equal(p, q) for p, q in zip(parameters, before, strict=True))
    assert torch.equal(torch.get_rng_state(), state)


def test_pytorchs_compiler_is_not_loaded() -> None:
    code = (
        "import sys, torch; from tests.training.test_recording import Problem, Recording, stream;"
        "Recording(Problem().step, stream()).replay(); sys.exit('torch._dynamo' in sys.modules)"
    )
    places = os.pathsep.join([str(SRC), str(SRC.parent)])
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": places}, check=False)
    assert done.returncode == 0
