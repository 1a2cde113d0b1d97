"""Updates of the weights from their gradients, in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch

from octrepro.arithmetic.adam import adam_step
from octrepro.config import Feedforward, TorchLogisticRegression
from octrepro.core.numerics import Mode

Tensors = Sequence[torch.Tensor]


class Optimizer(Protocol):
    """Changes parameters in place, given their gradients in the same order."""

    def step(self, parameters: Tensors, gradients: Tensors) -> None:
        """Make one step."""


class Sgd:
    """Plain stochastic gradient descent: p -= learning_rate (gradient + l2_decay p).

    The operations and so the bits are those of `torch.optim.SGD`, without the bookkeeping that takes as long
    as the arithmetic where batches are small.
    """

    def __init__(self, learning_rate: float, l2_decay: float) -> None:
        self._learning_rate = learning_rate
        self._l2_decay = l2_decay

    @torch.no_grad()
    def step(self, parameters: Tensors, gradients: Tensors) -> None:
        """Make one step; it keeps nothing from step to step."""
        for parameter, gradient in zip(parameters, gradients, strict=True):
            if self._l2_decay:
                gradient = gradient.add(parameter, alpha=self._l2_decay)
            parameter.add_(gradient, alpha=-self._learning_rate)


class Adam:
    """`torch.optim.Adam` at its defaults, L2 as part of the gradient."""

    def __init__(self, parameters: Tensors, learning_rate: float, l2_decay: float) -> None:
        self._optimizer = torch.optim.Adam(parameters, lr=learning_rate, weight_decay=l2_decay)

    def step(self, parameters: Tensors, gradients: Tensors) -> None:
        """Make one step."""
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        self._optimizer.step()


class PortableAdam:
    """`Adam` by `octrepro.arithmetic.adam`, whose bits do not depend on the processor."""

    BETAS = (0.9, 0.999)
    EPSILON = 1e-8

    def __init__(self, parameters: Tensors, learning_rate: float, l2_decay: float) -> None:
        self._learning_rate = learning_rate
        self._l2_decay = l2_decay
        self._means = [np.zeros(parameter.shape, np.float32) for parameter in parameters]
        self._squares = [np.zeros(parameter.shape, np.float32) for parameter in parameters]
        self._steps = 0

    def step(self, parameters: Tensors, gradients: Tensors) -> None:
        """Make one step."""
        self._steps += 1
        first, second = self.BETAS
        step = -self._learning_rate / (1 - first**self._steps)
        correction = (1 - second**self._steps) ** 0.5
        factors = [self._l2_decay, 1 - first, second, 1 - second, correction, self.EPSILON, step]
        moments = zip(parameters, gradients, self._means, self._squares, strict=True)
        for parameter, gradient, mean, square in moments:
            weight, g = parameter.detach().numpy(), gradient.numpy()
            arrays = [np.atleast_2d(array) for array in (weight, g, mean, square)]
            adam_step(arrays[0], arrays[1], arrays[2], arrays[3], np.array(factors, np.float32))


def build_optimizer(
    experiment: TorchLogisticRegression | Feedforward, parameters: Tensors, numerics: Mode
) -> Optimizer:
    """The optimizer that `experiment` names; L2 acts on all parameters, biases too."""
    if experiment.optimizer == "sgd":
        return Sgd(experiment.learning_rate, experiment.l2_decay)
    adam = PortableAdam if numerics == "portable" else Adam
    return adam(parameters, experiment.learning_rate, experiment.l2_decay)
