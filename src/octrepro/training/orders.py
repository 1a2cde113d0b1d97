"""The order in which an epoch of a model from scratch visits the training set."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def compounding_orders(generator: np.random.RandomState, n: int) -> Iterator[NDArray[np.int64]]:
    """Yield for each epoch where in the stored training set its samples lie, shape (n,).

    Each epoch's permutation reorders the already reordered set, so the permutations compound. Here the set
    stays where it is and only its index is reordered.

    Parameters
    ----------
    generator
        NumPy's legacy generator, whose stream is that of ``numpy.random.seed`` and is frozen for good.
    n
        Number of training samples.
    """
    order = np.arange(n, dtype=np.int64)
    while True:
        order = order[generator.permutation(n)]
        yield order
