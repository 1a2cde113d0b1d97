"""A trained model as plain arrays, and its forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from octrepro.models.blocks import scale
from octrepro.models.matrix_product import product

Activation = Literal["relu", "tanh"]
Floats = NDArray[np.floating[Any]]

# Pixels are divided by 256, a power of two, so this multiplication is exact in any floating-point type.
PIXEL_SCALE = 1.0 / 256.0

# Large enough for full speed in the matrix product, small enough to stay in the processor's cache.
_ROWS_AT_ONCE = 960


@dataclass(frozen=True)
class Layer:
    """One affine map.

    Attributes
    ----------
    weight
        Shape (outputs, inputs).
    bias
        Shape (outputs,).
    """

    weight: Floats
    bias: Floats


def predict(
    images: NDArray[np.uint8], layers: Sequence[Layer], activation: Activation = "relu"
) -> NDArray[np.int64]:
    """The class of each image: the first of the largest scores.

    Parameters
    ----------
    images
        Pixels, shape (n, features).
    layers
        The model, input to output; computed in the weights' own type.
    activation
        Applied between layers.

    Returns
    -------
    Predicted classes, shape (n,).
    """
    classes = np.empty(len(images), dtype=np.int64)
    for start in range(0, len(images), _ROWS_AT_ONCE):
        stop = start + _ROWS_AT_ONCE
        x = scaled(images[start:stop], layers[0].weight.dtype)
        classes[start:stop] = np.argmax(scores(x, layers, activation), axis=1)
    return classes


def scaled(images: NDArray[np.uint8], dtype: np.dtype[Any] | type) -> Floats:
    """Pixels as features between 0 and 255/256."""
    x: Floats = np.empty(images.shape, dtype)
    scale(images, x)
    return x


def scores(x: Floats, layers: Sequence[Layer], activation: Activation = "relu") -> Floats:
    """The last layer's outputs, shape (n, classes), for features `x` of shape (n, features)."""
    # A diverged model has infinite weights; its NaN scores are a result, not a surprise.
    with np.errstate(invalid="ignore", over="ignore"):
        for position, layer in enumerate(layers):
            if position:
                x = np.maximum(x, 0) if activation == "relu" else np.tanh(x)
            x = product(x, layer.weight.T)
            x += layer.bias
    return x
