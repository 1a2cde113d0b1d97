"""Images as features: pixels divided by 256."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled
from octrepro.core.prepared import Images

Floats = NDArray[np.floating[Any]]

# A power of two, so that the multiplication is exact in any floating-point type.
_SCALE = 1.0 / 256.0


@compiled
def scale(pixels: Images, x: Floats) -> None:
    """Write the features of one image, shape (features,), to the first elements of `x`."""
    factor = x.dtype.type(_SCALE)
    for j in range(pixels.size):
        x[j] = x.dtype.type(pixels[j]) * factor


@compiled
def gather(images: Images, chosen: NDArray[np.int64], x: Floats) -> None:
    """Write the features of the images `chosen`, shape (k,), to `x`, shape (k, features)."""
    for row in range(chosen.size):
        scale(images[chosen[row]], x[row])


def scaled(images: Images, dtype: np.dtype[Any] | type) -> Floats:
    """The features of all images as a new array of the same shape, between 0 and 255/256."""
    x: Floats = np.empty(images.shape, dtype)
    gather(images, np.arange(len(images)), x)
    return x
