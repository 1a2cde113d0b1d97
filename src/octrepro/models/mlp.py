"""A multi-layer perceptron with one hidden layer, trained one sample at a time, computed in blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from octrepro.models.blocks import add_to, gather, products
from octrepro.models.compiled import compiled
from octrepro.models.layers import Layer, predict
from octrepro.models.matrix_product import multiply, product
from octrepro.models.softmax import softmax_in_place

# A constant of the method, not a knob: another size gives other rounding.
BLOCK = 64

# Samples whose effect on each other is computed one by one.
_STRETCH = 16


class MultiLayerPerceptron:
    """ReLU network with one hidden layer: scores W2 relu(W1 x + b1) + b2, softmax cross-entropy.

    Training is exact stochastic gradient descent on one sample at a time, rearranged so that matrix products
    do the work. Within a block of samples x_1 .. x_K every update of W1 is a rank-one matrix
    -eta delta_s x_s^T, so the hidden layer's input for sample t is

        W1 x_t - sum over earlier s of eta delta_s (x_s . x_t) + b1,

    with W1 as it was at the block's start. The products W1 x_t and x_s . x_t of the whole block are two
    matrix products, and the K updates are added to W1, in their order, by a third. In exact arithmetic
    nothing changes.

    Parameters
    ----------
    weights
        Initial W1, shape (hidden_size, features), and W2, shape (classes, hidden_size). Biases start at zero.
    learning_rate
        eta.
    block
        K. Only measurements of its effect on rounding pass another than `BLOCK`.

    Notes
    -----
    With initial weights of mean 0.1 all hidden units are active at first and the loss of the first epoch is
    large (tens of nats), which amplifies rounding. Measured on PneumoniaMNIST (4,708 images, 20 epochs, eta
    0.001) with K of 1, 16, 32 and 64, largest less smallest: mean loss of the first epoch 0.4 % (initial sd
    0.01) and 1.3 % (sd 0.1), of the last 4.9 % and 1.9 %; final validation accuracy 0.6 and 0.6 points, test
    accuracy 0.3 and 0.5 points. The plain algorithm is K = 1, so a block is no further from it than rounding
    is. ``python -m octrepro.benchmark.rounding_report DATASET`` measures it anew. Where training is cut off
    before the loss has settled, accuracies still jump from epoch to epoch and differ by more.
    """

    def __init__(
        self,
        weights: tuple[NDArray[np.float64], NDArray[np.float64]],
        learning_rate: float,
        block: int = BLOCK,
    ) -> None:
        self._hidden_weight, self._output_weight = (np.ascontiguousarray(weight) for weight in weights)
        self._hidden_bias = np.zeros(len(self._hidden_weight))
        self._output_bias = np.zeros(len(self._output_weight))
        self._learning_rate = learning_rate
        self._block = block
        self.updates = 0

    def train_epoch(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64], order: NDArray[np.int64]
    ) -> float:
        """Learn from each image once, in `order`, a permutation of shape (n,).

        Returns
        -------
        The mean cross-entropy in nats, each sample's measured before its update.
        """
        hidden_size, features = self._hidden_weight.shape
        features_of_block = np.empty((self._block, features))
        steps_of_block = np.empty((self._block, hidden_size))
        inputs_of_block = np.empty((self._block, hidden_size))
        total = 0.0
        for start in range(0, order.size, self._block):
            chosen = order[start : start + self._block]
            x, steps = features_of_block[: chosen.size], steps_of_block[: chosen.size]
            inputs = inputs_of_block[: chosen.size]
            gather(images, chosen, x)
            multiply(x, self._hidden_weight.T, inputs)
            total += self._train_block(x, inputs, labels[chosen], steps)
            multiply(steps.T, x, self._hidden_weight, accumulate=True)
        self.updates += order.size
        return total / order.size

    def _train_block(
        self,
        x: NDArray[np.float64],
        inputs: NDArray[np.float64],
        labels: NDArray[np.int64],
        steps: NDArray[np.float64],
    ) -> float:
        """Go through a block's samples and return the sum of their losses.

        They are taken `_STRETCH` at a time: what earlier stretches do to a stretch is one more product.
        """
        total = 0.0
        for first in range(0, len(x), _STRETCH):
            here = slice(first, first + _STRETCH)
            gram = product(x[: first + _STRETCH], x[here].T)
            multiply(gram[:first].T, steps[:first], inputs[here], accumulate=True)
            total += _train_stretch(
                inputs[here],
                gram[first:],
                labels[here],
                self._hidden_bias,
                self._output_weight,
                self._output_bias,
                self._learning_rate,
                steps[here],
            )
        return total

    def count_correct(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> int:
        """How many images are predicted as labelled."""
        return int(np.count_nonzero(predict(images, self.layers()) == labels))

    def layers(self) -> list[Layer]:
        """The model, float64; the arrays are the model's own."""
        return [
            Layer(self._hidden_weight, self._hidden_bias),
            Layer(self._output_weight, self._output_bias),
        ]


@compiled
def _train_stretch(
    inputs: NDArray[np.float64],
    gram: NDArray[np.float64],
    labels: NDArray[np.int64],
    hidden_bias: NDArray[np.float64],
    output_weight: NDArray[np.float64],
    output_bias: NDArray[np.float64],
    learning_rate: float,
    steps: NDArray[np.float64],
) -> float:
    """Go through a stretch of samples in order and return the sum of their losses.

    Row t of `steps` becomes -eta delta_t; gram[s, t] is x_s . x_t.
    """
    samples, hidden_size = inputs.shape
    classes = output_bias.size
    hidden = np.empty(hidden_size)
    scores = np.empty(classes)
    total = 0.0
    for t in range(samples):
        z = inputs[t]
        for s in range(t):
            add_to(z, gram[s, t], steps[s])
        for i in range(hidden_size):
            z[i] += hidden_bias[i]
            # Written so that a NaN stays one, as in a maximum by comparison it would not.
            hidden[i] = 0.0 if z[i] <= 0.0 else z[i]
        products(output_weight, hidden, scores)
        scores += output_bias
        total += softmax_in_place(scores, labels[t])
        scores[labels[t]] -= 1.0
        steps[t] = 0.0
        for c in range(classes):
            step = -(learning_rate * scores[c])
            output_bias[c] += step
            add_to(steps[t], step, output_weight[c])
            add_to(output_weight[c], step, hidden)
        for i in range(hidden_size):
            if z[i] <= 0.0:
                steps[t, i] = 0.0
            hidden_bias[i] += steps[t, i]
    return total
