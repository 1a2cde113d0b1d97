"""The step of the Adam optimizer, every operation of it written out.

References
----------
D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", *ICLR*, 2015.
"""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled, fma


@compiled
def adam_step(
    parameter: NDArray[Any],
    gradient: NDArray[Any],
    mean: NDArray[Any],
    square: NDArray[Any],
    factors: NDArray[Any],
) -> None:
    """Update `parameter`, `mean` and `square` in place; all of one type and shape, two-dimensional.

    The rounding is that of `torch.optim.Adam` on x86-64 with fused multiply-adds, but for the square root,
    which is rounded correctly here.

    Parameters
    ----------
    factors
        L2 decay, 1 - beta1, beta2, 1 - beta2, the square root of 1 - beta2**t, epsilon, and
        -learning_rate / (1 - beta1**t), in step t.
    """
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
