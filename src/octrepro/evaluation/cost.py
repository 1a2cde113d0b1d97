"""How much arithmetic a training run is, counted from the method and not from how it was computed."""

from __future__ import annotations

from collections.abc import Sequence

from octrepro.config import Experiment, LogisticRegression, Perceptron
from octrepro.models.layers import Layer


def parameter_count(layers: Sequence[Layer]) -> int:
    """Number of trained weights and biases."""
    return sum(layer.weight.size + layer.bias.size for layer in layers)


def multiply_adds(
    experiment: Experiment, layers: Sequence[Layer], samples: int, epochs: int, updates: int
) -> int:
    """Multiplications with addition that the linear layers take in training; validation is not counted.

    Per sample, a layer of m inputs and n outputs takes m n for its outputs, m n for the gradient of its
    weights and, unless it is the first, m n for the gradient of its inputs. Biases, activations and the
    optimizer are not counted, except that the two linear models from scratch have their bias as a weight of
    a constant feature, which counts as an input. The perceptron takes (features + 1) x classes for each
    sample's scores and 2 (features + 1) for each of its `updates`, which it makes on mistakes only.

    Parameters
    ----------
    samples
        Size of the training set.
    epochs
        Epochs done.
    updates
        Number of changes of the weights in all.
    """
    passes = samples * epochs
    sizes = [int(layer.weight.size) for layer in layers]
    if isinstance(experiment, Perceptron):
        classes, features = (int(size) for size in layers[0].weight.shape)
        return passes * classes * (features + 1) + 2 * (features + 1) * updates
    if isinstance(experiment, LogisticRegression):
        return passes * 2 * (sizes[0] + layers[0].bias.size)
    return passes * (3 * sum(sizes) - sizes[0])
