"""What training a run comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from octrepro.models.layers import Layer
from octrepro.training.history import Epoch

# Wraps the epochs to come, so that whoever started the training can show progress or take the time.
Watch = Callable[[Iterable[int]], Iterable[int]]


def unwatched(epochs: Iterable[int]) -> Iterator[int]:
    """Train without showing anything."""
    yield from epochs


@dataclass(frozen=True)
class Trained:
    """A trained model.

    Attributes
    ----------
    layers
        The weights after the last epoch.
    epochs
        What was recorded after each.
    updates
        How many times the weights were changed.
    """

    layers: list[Layer]
    epochs: list[Epoch] = field(default_factory=list)
    updates: int = 0


def has_diverged(epoch: Epoch, layers: list[Layer]) -> bool:
    """Whether training has left the numbers: a loss or a weight is infinite or not a number.

    Weights are looked at too because some models record no loss.
    """
    finite = all(np.isfinite(layer.weight).all() and np.isfinite(layer.bias).all() for layer in layers)
    return epoch.diverged or not finite
