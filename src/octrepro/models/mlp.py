"""A multi-layer perceptron with one hidden layer, trained one sample at a time, computed in blocks."""

import numpy as np
from numpy.typing import NDArray

from octrepro.arithmetic.compiled import compiled
from octrepro.arithmetic.products import aligned_empty, multiply
from octrepro.arithmetic.softmax import softmax_in_place
from octrepro.arithmetic.sums import add_multiple, inner_products
from octrepro.config import experiments
from octrepro.core.prepared import Images, Labels, Prepared
from octrepro.models.layers import Layer
from octrepro.models.pixels import gather

Floats = NDArray[np.float64]

# A constant of the method, not a knob: another size gives other rounding.
BLOCK = 64


class MultiLayerPerceptron:
    """ReLU network with one hidden layer: scores W2 relu(W1 x + b1) + b2, softmax cross-entropy.

    W1, shape (hidden_size, features), and then W2, shape (classes, hidden_size), are drawn from a normal
    distribution; biases start at zero.

    Training is exact stochastic gradient descent on one sample at a time, rearranged so that matrix products
    do the work. Within a block of samples x_1 .. x_K every update of W1 is a rank-one matrix
    -eta delta_s x_s^T, so the hidden layer's input for sample t is

        W1 x_t - sum over earlier s of eta delta_s (x_s . x_t) + b1,

    with W1 as it was at the block's start. The products W1 x_t and x_s . x_t of the whole block are two
    matrix products, and the K updates are added to W1, in their order, by a third. In exact arithmetic
    nothing changes.

    Notes
    -----
    With initial weights of mean 0.1 the loss of the first epoch is large (tens of nats), which amplifies
    rounding: blocks of 1 (the plain algorithm) to 64 differ by up to 5 % in the loss of the last epoch and by
    up to 0.6 points in accuracy on PneumoniaMNIST, as ``python -m benchmarks.rounding DATASET`` shows.
    """

    def __init__(
        self,
        experiment: experiments.Mlp,
        data: Prepared,
        generator: np.random.RandomState,
        *,
        block: int = BLOCK,  # K: only measurements of its effect on rounding pass another
    ) -> None:
        mean, sd, hidden_size = experiment.init_mean, experiment.init_sd, experiment.hidden_size
        # W1^T, shape (features, hidden_size): its products are fast, as its rows are contiguous.
        self._hidden_weight = aligned_empty((data.features, hidden_size), np.float64)
        self._hidden_weight[:] = generator.normal(mean, sd, (hidden_size, data.features)).T
        self._hidden_bias = np.zeros(hidden_size)
        self._output_weight = generator.normal(mean, sd, (data.classes, hidden_size))
        self._output_bias = np.zeros(data.classes)
        self._learning_rate = experiment.learning_rate
        self._block = block
        self.updates = 0

    def train_epoch(self, images: Images, labels: Labels, order: NDArray[np.int64]) -> float:
        """Learn from each image once, in `order`, a permutation of shape (n,).

        Returns the mean cross-entropy in nats, each sample's measured before its update.
        """
        features, hidden_size = self._hidden_weight.shape
        total = 0.0
        for start in range(0, order.size, self._block):
            chosen = order[start : start + self._block]
            x, inputs, steps, gram = (
                aligned_empty((chosen.size, columns), np.float64)
                for columns in (features, hidden_size, hidden_size, chosen.size)
            )
            gather(images, chosen, x)
            multiply(x, self._hidden_weight, inputs)
            multiply(x, x.T, gram)
            total += _train_block(
                inputs, gram, labels[chosen], self._hidden_bias, self._output_weight, self._output_bias,
                self._learning_rate, steps,
            )  # fmt: skip
            multiply(x.T, steps, self._hidden_weight, accumulate=True)
        self.updates += order.size
        return total / order.size

    def layers(self) -> list[Layer]:
        """The model, float64."""
        return [
            Layer(self._hidden_weight.T.copy(), self._hidden_bias.copy()),
            Layer(self._output_weight.copy(), self._output_bias.copy()),
        ]


@compiled
def _train_block(
    inputs: Floats, gram: Floats, labels: Labels, hidden_bias: Floats, output_weight: Floats,
    output_bias: Floats, learning_rate: float, steps: Floats,
) -> float:  # fmt: skip
    """Go through a block of samples in order and return the sum of their losses.

    Row t of `inputs` is W1 x_t at first, gram[s, t] is x_s . x_t, and row t of `steps` becomes -eta delta_t.
    """
    hidden, scores = np.empty(inputs.shape[1]), np.empty(output_bias.size)
    total = 0.0
    for t in range(inputs.shape[0]):
        z, step = inputs[t], steps[t]
        for s in range(t):
            add_multiple(z, gram[s, t], steps[s])
        for i in range(z.size):
            z[i] += hidden_bias[i]
            # Written so that a NaN stays one, as in a maximum by comparison it would not.
            hidden[i] = 0.0 if z[i] <= 0.0 else z[i]
        inner_products(output_weight, hidden, scores)
        scores += output_bias
        total += softmax_in_place(scores, labels[t])
        scores[labels[t]] -= 1.0
        step[:] = 0.0
        for c in range(scores.size):
            change = -learning_rate * scores[c]
            output_bias[c] += change
            add_multiple(step, change, output_weight[c])
            add_multiple(output_weight[c], change, hidden)
        for i in range(z.size):
            if z[i] <= 0.0:
                step[i] = 0.0
            hidden_bias[i] += step[i]
    return total
