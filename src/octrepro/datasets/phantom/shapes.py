"""The curves that scans are drawn with: rational and polynomial, which every machine rounds alike."""

import numpy as np

from octrepro.datasets.phantom.randomness import Floats


def bump(distance: Floats) -> Floats:
    """Rise smoothly from 0 at distance -1 to 1 at 0 and back to 0 at 1; 0 beyond. Any shape."""
    inside: Floats = np.maximum(np.float32(1) - distance * distance, np.float32(0))
    return inside * inside


def step(distance: Floats) -> Floats:
    """Rise smoothly from 0 at distance 0 to 1 at 1, constant before and after. Any shape."""
    t = np.clip(distance, np.float32(0), np.float32(1))
    return t * t * (np.float32(3) - np.float32(2) * t)


def decay(distance: Floats) -> Floats:
    """Fall from 1 at distance 0 with a long tail, as 1 / (1 + distance**2). Any shape."""
    return np.float32(1) / (np.float32(1) + distance * distance)
