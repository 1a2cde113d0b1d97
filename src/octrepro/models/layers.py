"""A trained model as plain arrays, and its forward pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from octrepro.arithmetic.elementary import tanh_of
from octrepro.arithmetic.products import product
from octrepro.core.prepared import Images, Labels
from octrepro.models.pixels import Floats, scaled

Activation = Literal["relu", "tanh"]

# Large enough for the matrix product's full speed, small enough that the C library keeps the memory for the
# next rows: blocks of a megabyte go back to the system, and getting them again takes longer than the product.
_ROWS_AT_ONCE = 64


@dataclass(frozen=True)
class Layer:
    """One affine map: `weight` of shape (outputs, inputs) and `bias` of shape (outputs,)."""

    weight: Floats
    bias: Floats


def predict(images: Images, layers: Sequence[Layer], activation: Activation = "relu") -> Labels:
    """The class of each image, shape (n,): the first of the largest of its `image_scores`."""
    classes: Labels = np.argmax(image_scores(images, layers, activation), axis=1)
    return classes


def image_scores(images: Images, layers: Sequence[Layer], activation: Activation = "relu") -> Floats:
    """The last layer's outputs for each image, shape (n, classes), computed in the weights' own type."""
    found = np.empty((len(images), len(layers[-1].bias)), layers[-1].weight.dtype)
    # As the matrix product wants it, once for all images.
    layers = [Layer(np.asfortranarray(layer.weight), layer.bias) for layer in layers]
    # A diverged model has infinite weights; its NaN scores are a result, not a surprise.
    with np.errstate(invalid="ignore", over="ignore"):
        for start in range(0, len(images), _ROWS_AT_ONCE):
            stop = start + _ROWS_AT_ONCE
            x = scaled(images[start:stop], layers[0].weight.dtype)
            for position, layer in enumerate(layers):
                if position:
                    x = np.maximum(x, 0) if activation == "relu" else tanh_of(x)
                x = product(x, layer.weight.T)
                x += layer.bias
            found[start:stop] = x
    return found
