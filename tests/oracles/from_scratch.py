"""One sample at a time in NumPy: the training set is really reordered, and every update is written out."""

import numpy as np
from numpy.typing import NDArray

from octrepro.config import LogisticRegression, Mlp, Perceptron
from octrepro.core.prepared import Labels, Prepared
from octrepro.training.result import Watch
from tests.oracles import Course

Floats = NDArray[np.float64]


def with_constant(images: NDArray[np.uint8]) -> Floats:
    return np.hstack([images / 256, np.ones((len(images), 1))])


def linear_accuracy(w: Floats, x: Floats, y: Labels) -> float:
    return float(np.mean(np.argmax(w @ x.T, axis=0) == y))


def softmax(z: Floats) -> Floats:
    e = np.exp(z - z.max())
    result: Floats = e / e.sum()
    return result


def linear(data: Prepared, experiment: Perceptron | LogisticRegression, seed: int, watch: Watch) -> Course:
    np.random.seed(seed)
    x, y = with_constant(data.train_images), data.train_labels
    x_val, y_val = with_constant(data.val_images), data.val_labels
    w = np.zeros((data.classes, x.shape[1]))
    course = Course([w[:, :-1], w[:, -1]])
    for _ in watch(range(experiment.epochs)):
        order = np.random.permutation(len(x))
        x, y = x[order], y[order]
        for x_i, y_i in zip(x, y, strict=True):
            z = w.dot(x_i)
            if experiment.model == "logistic_regression":
                error = softmax(z)
                error[y_i] -= 1
                w -= experiment.learning_rate * np.outer(error, x_i)
            elif np.argmax(z) != y_i:
                w[y_i] += x_i
                w[np.argmax(z)] -= x_i
                course.mistakes += 1
        course.train_accuracy.append(linear_accuracy(w, x, y))
        course.val_accuracy.append(linear_accuracy(w, x_val, y_val))
    return course


def mlp_accuracy(weights: list[Floats], x: Floats, y: Labels) -> float:
    w1, b1, w2, b2 = weights
    hidden = np.maximum(x @ w1.T + b1, 0)
    return float(np.mean(np.argmax(hidden @ w2.T + b2, axis=1) == y))


def mlp_step(weights: list[Floats], x: Floats, y: int, learning_rate: float) -> float:
    """One update in place; the loss before it."""
    w1, b1, w2, b2 = weights
    z1 = w1.dot(x) + b1
    h = np.maximum(z1, 0)
    z2 = w2.dot(h) + b2
    loss = z2.max() + np.log(np.sum(np.exp(z2 - z2.max()))) - z2[y]
    d2 = softmax(z2)
    d2[y] -= 1
    d1 = w2.T.dot(d2) * (z1 > 0)
    w2 -= learning_rate * np.outer(d2, h)
    b2 -= learning_rate * d2
    w1 -= learning_rate * np.outer(d1, x)
    b1 -= learning_rate * d1
    return float(loss)


def mlp(data: Prepared, experiment: Mlp, seed: int, watch: Watch) -> Course:
    np.random.seed(seed)
    x, y = data.train_images / 256, data.train_labels
    x_val, y_val = data.val_images / 256, data.val_labels
    mean, sd, hidden_size = experiment.init_mean, experiment.init_sd, experiment.hidden_size
    w1 = np.random.normal(mean, sd, (hidden_size, x.shape[1]))
    w2 = np.random.normal(mean, sd, (data.classes, hidden_size))
    course = Course([w1, np.zeros(hidden_size), w2, np.zeros(data.classes)])
    for _ in watch(range(experiment.epochs)):
        order = np.random.permutation(len(x))
        x, y = x[order], y[order]
        losses = [
            mlp_step(course.weights, x_i, y_i, experiment.learning_rate)
            for x_i, y_i in zip(x, y, strict=True)
        ]
        course.train_loss.append(float(np.mean(losses)))
        course.train_accuracy.append(mlp_accuracy(course.weights, x, y))
        course.val_accuracy.append(mlp_accuracy(course.weights, x_val, y_val))
    return course


def train(
    data: Prepared, experiment: Perceptron | LogisticRegression | Mlp, seed: int, watch: Watch = iter
) -> Course:
    if experiment.model == "mlp":
        return mlp(data, experiment, seed, watch)
    return linear(data, experiment, seed, watch)
