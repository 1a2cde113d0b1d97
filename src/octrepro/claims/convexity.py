"""Convex or not: numerical experiments on the losses of logistic regression and of an MLP.

Small, self-contained and deterministic; the data are drawn here, so the outcome is the same for every data
set of the report.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octrepro.claims import expressiveness

Array = NDArray[np.float64]

SAMPLES, FEATURES, CLASSES = 60, 5, 4
WEIGHT_SCALES = (0.0, 0.1, 1.0, 10.0)
POINTS_PER_SCALE = 25
HIDDEN, STEPS, STEP_SIZE = 8, 2000, 0.5
MLP_SEEDS = (1, 2)


def softmax(scores: Array) -> Array:
    """Softmax over the last axis."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def logistic_hessian(weights: Array, inputs: Array) -> Array:
    """Second derivatives of the loss of softmax regression, mean cross-entropy, in its weights.

    The mean over samples of (diag(p) - p p^T) kron (x x^T), with p the class probabilities; the labels drop
    out. Bishop, "Pattern Recognition and Machine Learning" (2006), section 4.3.4.

    Parameters
    ----------
    weights
        Shape (classes, features).
    inputs
        Shape (samples, features).

    Returns
    -------
    Array
        Shape (classes * features, classes * features), classes first.
    """
    p = softmax(inputs @ weights.T)
    curvature = np.einsum("nk,kl->nkl", p, np.eye(p.shape[1])) - np.einsum("nk,nl->nkl", p, p)
    size = weights.size
    hessian = np.einsum("nkl,ni,nj->kilj", curvature, inputs, inputs, optimize=False)
    return np.asarray(hessian.reshape(size, size) / len(inputs))


def smallest_curvature() -> tuple[float, float, int]:
    """The smallest curvature of the logistic loss at sampled weights.

    Returns
    -------
    smallest
        The smallest eigenvalue of any Hessian, rounded to 1e-12: softmax scores may all be shifted, so
        the least eigenvalue is 0 in truth and rounding noise in practice.
    largest
        The largest eigenvalue of any Hessian, for scale.
    points
        How many weights were sampled.
    """
    rng = np.random.default_rng(42)
    inputs = np.column_stack([rng.standard_normal((SAMPLES, FEATURES - 1)), np.ones(SAMPLES)])
    eigenvalues = [
        np.linalg.eigvalsh(logistic_hessian(scale * rng.standard_normal((CLASSES, FEATURES)), inputs))
        for scale in WEIGHT_SCALES
        for _ in range(POINTS_PER_SCALE)
    ]
    smallest = round(float(np.min(eigenvalues)), 12) + 0.0
    return smallest, float(np.max(eigenvalues)), len(eigenvalues)


@dataclass(frozen=True)
class Mlp:
    """One hidden ReLU layer and a softmax output.

    Attributes
    ----------
    w1, b1, w2, b2
        Shapes (hidden, features), (hidden,), (classes, hidden), (classes,).
    """

    w1: Array
    b1: Array
    w2: Array
    b2: Array

    def loss(self, inputs: Array, labels: NDArray[np.int64]) -> float:
        """Mean cross-entropy."""
        hidden = np.maximum(inputs @ self.w1.T + self.b1, 0)
        return _cross_entropy(hidden @ self.w2.T + self.b2, labels)

    def step(self, inputs: Array, labels: NDArray[np.int64], size: float) -> Mlp:
        """The network after one step of gradient descent on all samples."""
        before = inputs @ self.w1.T + self.b1
        hidden = np.maximum(before, 0)
        at_scores = softmax(hidden @ self.w2.T + self.b2)
        at_scores[np.arange(len(labels)), labels] -= 1
        at_scores /= len(labels)
        at_before = (at_scores @ self.w2) * (before > 0)
        return Mlp(
            self.w1 - size * at_before.T @ inputs,
            self.b1 - size * at_before.sum(axis=0),
            self.w2 - size * at_scores.T @ hidden,
            self.b2 - size * at_scores.sum(axis=0),
        )

    def midpoint(self, other: Mlp) -> Mlp:
        """The network halfway between the two."""
        return Mlp(
            (self.w1 + other.w1) / 2,
            (self.b1 + other.b1) / 2,
            (self.w2 + other.w2) / 2,
            (self.b2 + other.b2) / 2,
        )


def train_mlp(seed: int) -> Mlp:
    """An MLP trained on exclusive-or from normal weights."""
    rng = np.random.default_rng(seed)
    inputs, labels = exclusive_or()
    mlp = Mlp(
        rng.standard_normal((HIDDEN, inputs.shape[1])),
        np.zeros(HIDDEN),
        rng.standard_normal((2, HIDDEN)),
        np.zeros(2),
    )
    for _ in range(STEPS):
        mlp = mlp.step(inputs, labels, STEP_SIZE)
    return mlp


def mlp_segment() -> tuple[float, float, float]:
    """Losses at both ends and in the middle of the segment between two trained MLPs.

    A convex function lies on or below the mean of the ends in the middle; one segment where it lies above
    proves that the loss is not convex.
    """
    first, second = (train_mlp(seed) for seed in MLP_SEEDS)
    data = exclusive_or()
    return first.loss(*data), second.loss(*data), first.midpoint(second).loss(*data)


def exclusive_or() -> tuple[Array, NDArray[np.int64]]:
    """Exclusive-or of two signs: inputs of shape (4, 2), labels 0 or 1."""
    return expressiveness.POINTS.astype(np.float64), (expressiveness.LABELS > 0).astype(np.int64)


def _cross_entropy(scores: Array, labels: NDArray[np.int64]) -> float:
    top = scores.max(axis=-1, keepdims=True)
    log_sum = top[:, 0] + np.log(np.exp(scores - top).sum(axis=-1))
    return float((log_sum - scores[np.arange(len(labels)), labels]).mean())
