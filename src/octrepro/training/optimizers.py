"""Updates of the weights from their gradients, in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch

from octrepro.config import Feedforward, TorchLogisticRegression
from octrepro.core.numerics import Mode

Tensors = Sequence[torch.Tensor]


class Update(Protocol):
    """Changes parameters in place, given their gradients in the same order.

    Attributes
    ----------
    is_uniform
        Whether each step is the same operations with the same constants, so that one can stand for all.
    """

    is_uniform: bool

    def __call__(self, gradients: Tensors) -> None:
        """Make one step."""

    def reset(self) -> None:
        """Forget all steps made."""


class Sgd:
    """Plain stochastic gradient descent: p -= learning_rate (gradient + l2_decay p).

    The operations and so the bits are those of `torch.optim.SGD`, without the bookkeeping that takes as long
    as the arithmetic where batches are small.
    """

    is_uniform = True

    def __init__(self, parameters: Tensors, learning_rate: float, l2_decay: float) -> None:
        self._parameters = list(parameters)
        self._learning_rate = learning_rate
        self._l2_decay = l2_decay

    @torch.no_grad()
    def __call__(self, gradients: Tensors) -> None:
        for parameter, gradient in zip(self._parameters, gradients, strict=True):
            if self._l2_decay:
                gradient = gradient.add(parameter, alpha=self._l2_decay)
            parameter.add_(gradient, alpha=-self._learning_rate)

    def reset(self) -> None:
        """Nothing is kept from step to step."""


class Adam:
    """`torch.optim.Adam` at its defaults, L2 as part of the gradient."""

    is_uniform = False

    def __init__(self, parameters: Tensors, learning_rate: float, l2_decay: float) -> None:
        self._parameters = list(parameters)
        # On a GPU the count of steps must live there too, for a recording of steps to advance it.
        on_gpu = self._parameters[0].is_cuda
        self._optimizer = torch.optim.Adam(
            self._parameters, lr=learning_rate, weight_decay=l2_decay, foreach=True, capturable=on_gpu
        )

    def __call__(self, gradients: Tensors) -> None:
        for parameter, gradient in zip(self._parameters, gradients, strict=True):
            parameter.grad = gradient
        self._optimizer.step()

    def reset(self) -> None:
        """Zero the moments and the count of steps where they lie."""
        for state in self._optimizer.state.values():
            for value in state.values():
                value.zero_()


class PortableAdam:
    """`Adam` whose bits do not depend on the processor.

    PyTorch's square root on the CPU is the vector library's, which is off by one unit in the last place for
    one number in six, and for other numbers on other processors. NumPy's is rounded as IEEE 754 asks; all
    else is done by the operations of `torch.optim.Adam`, in their order.
    """

    is_uniform = False
    BETAS = (0.9, 0.999)
    EPSILON = 1e-8

    def __init__(self, parameters: Tensors, learning_rate: float, l2_decay: float) -> None:
        self._parameters = list(parameters)
        self._learning_rate = learning_rate
        self._l2_decay = l2_decay
        self.reset()

    @torch.no_grad()
    def __call__(self, gradients: Tensors) -> None:
        self._steps += 1
        first, second = self.BETAS
        step_size = self._learning_rate / (1 - first**self._steps)
        root_of_correction = (1 - second**self._steps) ** 0.5
        for parameter, gradient, mean, square in zip(
            self._parameters, gradients, self._means, self._squares, strict=True
        ):
            if self._l2_decay:
                gradient = gradient.add(parameter, alpha=self._l2_decay)
            mean.lerp_(gradient, 1 - first)
            square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
            root = torch.from_numpy(np.sqrt(square.numpy()))
            parameter.addcdiv_(mean, root.div_(root_of_correction).add_(self.EPSILON), value=-step_size)

    def reset(self) -> None:
        """Zero the moments and the count of steps."""
        self._steps = 0
        self._means = [torch.zeros_like(parameter) for parameter in self._parameters]
        self._squares = [torch.zeros_like(parameter) for parameter in self._parameters]


@contextmanager
def unchanged(parameters: Tensors) -> Iterator[None]:
    """Put the parameters, and the generator of their device, back to where they were, whatever was tried."""
    before = [parameter.detach().clone() for parameter in parameters]
    generator = torch.cuda if parameters[0].is_cuda else torch.random
    state = generator.get_rng_state()
    yield
    generator.set_rng_state(state)
    with torch.no_grad():
        for parameter, value in zip(parameters, before, strict=True):
            parameter.copy_(value)


def build_update(
    experiment: TorchLogisticRegression | Feedforward, parameters: Tensors, numerics: Mode
) -> Update:
    """The optimizer that `experiment` names; L2 acts on all parameters, biases too."""
    adam = PortableAdam if numerics == "portable" else Adam
    kind = Sgd if experiment.optimizer == "sgd" else adam
    return kind(parameters, experiment.learning_rate, experiment.l2_decay)
