"""The Adam optimizer, every operation of its step written out.

References
----------
D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", *ICLR*, 2015.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled, fma

BETAS = (0.9, 0.999)
EPSILON = 1e-8


class PortableAdam:
    """`torch.optim.Adam` at its defaults, L2 as part of the gradient, with the same bits on every processor.

    The rounding is that of `torch.optim.Adam` on x86-64 with fused multiply-adds, but for the square root,
    which is rounded correctly here.
    """

    def __init__(self, parameters: Iterable[torch.Tensor], lr: float, weight_decay: float) -> None:
        self._parameters = list(parameters)
        self._means = [torch.zeros_like(parameter) for parameter in self._parameters]
        self._squares = [torch.zeros_like(parameter) for parameter in self._parameters]
        self._lr = lr
        self._weight_decay = weight_decay
        self._steps = 0

    def step(self) -> None:
        """Update each parameter by its `grad`."""
        self._steps += 1
        first, second = BETAS
        rate = self._lr / (1 - first**self._steps)
        correction = (1 - second**self._steps) ** 0.5
        factors = np.array(
            [self._weight_decay, 1 - first, second, 1 - second, correction, EPSILON, -rate], np.float32
        )
        for parameter, mean, square in zip(self._parameters, self._means, self._squares, strict=True):
            tensors: list[Any] = [parameter.detach(), parameter.grad, mean, square]
            _adam_step(factors, *(np.atleast_2d(tensor.numpy()) for tensor in tensors))


@compiled
def _adam_step(
    factors: NDArray[Any],
    parameter: NDArray[Any],
    gradient: NDArray[Any],
    mean: NDArray[Any],
    square: NDArray[Any],
) -> None:
    """Update `parameter`, `mean` and `square` in place; all of one type and shape, two-dimensional."""
    decay, one_less_first, second, one_less_second = factors[0], factors[1], factors[2], factors[3]
    correction, epsilon, step = factors[4], factors[5], factors[6]
    for i in range(parameter.shape[0]):
        for j in range(parameter.shape[1]):
            g = gradient[i, j]
            if decay != 0:
                g = fma(decay, parameter[i, j], g)
            m = fma(one_less_first, g - mean[i, j], mean[i, j])
            v = fma(one_less_second * g, g, square[i, j] * second)
            mean[i, j], square[i, j] = m, v
            parameter[i, j] += step * m / (math.sqrt(v) / correction + epsilon)
