"""One sample at a time in NumPy: the training set is really reordered, and every update is written out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from octrepro.training.result import Watch, unwatched

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Images = NDArray[np.uint8]


@dataclass
class Course:
    """What happened, epoch by epoch."""

    train_accuracy: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    train_loss: list[float] = field(default_factory=list)


def with_constant(images: Images) -> Floats:
    return np.hstack([images / 256, np.ones((len(images), 1))])


def linear_accuracy(w: Floats, x: Floats, y: Labels) -> float:
    return float(np.mean(np.argmax(w @ x.T, axis=0) == y))


def softmax(z: Floats) -> Floats:
    e = np.exp(z - z.max())
    result: Floats = e / e.sum()
    return result


def perceptron(
    train: tuple[Images, Labels],
    val: tuple[Images, Labels],
    classes: int,
    epochs: int,
    seed: int = 42,
    watch: Watch = unwatched,
) -> tuple[Floats, Course]:
    np.random.seed(seed)
    x, y = with_constant(train[0]), train[1]
    x_val, y_val = with_constant(val[0]), val[1]
    w = np.zeros((classes, x.shape[1]))
    course = Course()
    for _ in watch(range(epochs)):
        order = np.random.permutation(len(x))
        x, y = x[order], y[order]
        for x_i, y_i in zip(x, y, strict=True):
            predicted = np.argmax(w.dot(x_i))
            if predicted != y_i:
                w[y_i] += x_i
                w[predicted] -= x_i
        course.train_accuracy.append(linear_accuracy(w, x, y))
        course.val_accuracy.append(linear_accuracy(w, x_val, y_val))
    return w, course


def logistic_regression(
    train: tuple[Images, Labels],
    val: tuple[Images, Labels],
    classes: int,
    epochs: int,
    learning_rate: float,
    seed: int = 42,
    watch: Watch = unwatched,
) -> tuple[Floats, Course]:
    np.random.seed(seed)
    x, y = with_constant(train[0]), train[1]
    x_val, y_val = with_constant(val[0]), val[1]
    w = np.zeros((classes, x.shape[1]))
    course = Course()
    for _ in watch(range(epochs)):
        order = np.random.permutation(len(x))
        x, y = x[order], y[order]
        for x_i, y_i in zip(x, y, strict=True):
            error = softmax(w.dot(x_i))
            error[y_i] -= 1
            w -= learning_rate * np.outer(error, x_i)
        course.train_accuracy.append(linear_accuracy(w, x, y))
        course.val_accuracy.append(linear_accuracy(w, x_val, y_val))
    return w, course


@dataclass
class MlpWeights:
    w1: Floats
    b1: Floats
    w2: Floats
    b2: Floats


def mlp_accuracy(p: MlpWeights, x: Floats, y: Labels) -> float:
    hidden = np.maximum(x @ p.w1.T + p.b1, 0)
    return float(np.mean(np.argmax(hidden @ p.w2.T + p.b2, axis=1) == y))


def mlp_step(p: MlpWeights, x: Floats, y: int, learning_rate: float) -> float:
    """One update in place; the loss before it."""
    z1 = p.w1.dot(x) + p.b1
    h = np.maximum(z1, 0)
    z2 = p.w2.dot(h) + p.b2
    loss = z2.max() + np.log(np.sum(np.exp(z2 - z2.max()))) - z2[y]
    d2 = softmax(z2)
    d2[y] -= 1
    d1 = p.w2.T.dot(d2) * (z1 > 0)
    p.w2 -= learning_rate * np.outer(d2, h)
    p.b2 -= learning_rate * d2
    p.w1 -= learning_rate * np.outer(d1, x)
    p.b1 -= learning_rate * d1
    return float(loss)


def mlp(
    train: tuple[Images, Labels],
    val: tuple[Images, Labels],
    classes: int,
    epochs: int,
    learning_rate: float,
    hidden_size: int = 200,
    init: tuple[float, float] = (0.1, 0.01),
    seed: int = 42,
    watch: Watch = unwatched,
) -> tuple[MlpWeights, Course]:
    np.random.seed(seed)
    x, y = train[0] / 256, train[1]
    x_val, y_val = val[0] / 256, val[1]
    w1 = np.random.normal(init[0], init[1], (hidden_size, x.shape[1]))
    w2 = np.random.normal(init[0], init[1], (classes, hidden_size))
    p = MlpWeights(w1, np.zeros(hidden_size), w2, np.zeros(classes))
    course = Course()
    for _ in watch(range(epochs)):
        order = np.random.permutation(len(x))
        x, y = x[order], y[order]
        losses = [mlp_step(p, x_i, y_i, learning_rate) for x_i, y_i in zip(x, y, strict=True)]
        course.train_loss.append(float(np.mean(losses)))
        course.train_accuracy.append(mlp_accuracy(p, x, y))
        course.val_accuracy.append(mlp_accuracy(p, x_val, y_val))
    return p, course
