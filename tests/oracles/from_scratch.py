"""One sample at a time in NumPy: the training set is really reordered, and every update is written out."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from octrepro.config.experiments import LogisticRegression, Mlp, Perceptron
from octrepro.core.prepared import Labels, Prepared
from octrepro.training.result import Watch

Floats = NDArray[np.float64]
Experiment = Perceptron | LogisticRegression | Mlp


def cross_entropy(z: Floats, y: int) -> tuple[float, Floats]:
    """Of scores, and its derivatives in them."""
    e = np.exp(z - z.max())
    derivatives = e / e.sum()
    derivatives[y] -= 1
    return float(z.max() + np.log(e.sum()) - z[y]), derivatives


# Each step is one update in place, and gives the loss before it; the perceptron's is 1 for a mistake.


def perceptron_step(weights: list[Floats], x: Floats, y: int, experiment: Perceptron) -> float:
    w, b = weights
    predicted = int(np.argmax(w.dot(x) + b))
    if predicted == y:
        return 0.0
    w[y] += x
    b[y] += 1
    w[predicted] -= x
    b[predicted] -= 1
    return 1.0


def logistic_step(weights: list[Floats], x: Floats, y: int, experiment: LogisticRegression) -> float:
    w, b = weights
    loss, d = cross_entropy(w.dot(x) + b, y)
    w -= experiment.learning_rate * np.outer(d, x)
    b -= experiment.learning_rate * d
    return loss


def mlp_step(weights: list[Floats], x: Floats, y: int, experiment: Mlp) -> float:
    w1, b1, w2, b2 = weights
    z1 = w1.dot(x) + b1
    h = np.maximum(z1, 0)
    loss, d2 = cross_entropy(w2.dot(h) + b2, y)
    d1 = w2.T.dot(d2) * (z1 > 0)
    w2 -= experiment.learning_rate * np.outer(d2, h)
    b2 -= experiment.learning_rate * d2
    w1 -= experiment.learning_rate * np.outer(d1, x)
    b1 -= experiment.learning_rate * d1
    return loss


STEPS: dict[str, Callable[..., float]] = {
    "perceptron": perceptron_step,
    "logistic_regression": logistic_step,
    "mlp": mlp_step,
}


def accuracy(weights: list[Floats], x: Floats, y: Labels) -> float:
    *hidden, w, b = weights
    if hidden:
        x = np.maximum(x @ hidden[0].T + hidden[1], 0)
    return float(np.mean(np.argmax(x @ w.T + b, axis=1) == y))


def train(
    data: Prepared, experiment: Experiment, seed: int, watch: Watch = iter
) -> tuple[list[Floats], list[dict[str, float]]]:
    """The final weights and biases in their order, and what happened, epoch by epoch."""
    np.random.seed(seed)
    x, y, x_val = data.train_images / 256, data.train_labels, data.val_images / 256
    step = STEPS[experiment.model]
    weights = [np.zeros((data.classes, data.features)), np.zeros(data.classes)]
    if experiment.model == "mlp":
        mean, sd, hidden_size = experiment.init_mean, experiment.init_sd, experiment.hidden_size
        w1 = np.random.normal(mean, sd, (hidden_size, data.features))
        w2 = np.random.normal(mean, sd, (data.classes, hidden_size))
        weights = [w1, np.zeros(hidden_size), w2, np.zeros(data.classes)]
    epochs = []
    for number in watch(range(1, experiment.epochs + 1)):
        order = np.random.permutation(len(x))
        x, y = x[order], y[order]
        losses = [step(weights, x[i], y[i], experiment) for i in range(len(x))]
        epochs.append(
            {
                "epoch": number,
                "train_loss": float(np.mean(losses)),
                "train_accuracy": accuracy(weights, x, y),
                "val_accuracy": accuracy(weights, x_val, data.val_labels),
            }
        )
    return weights, epochs
