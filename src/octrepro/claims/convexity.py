"""The curvature of the loss of logistic regression at sampled weights, the same for every data set."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

Array = NDArray[np.float64]

SAMPLES, FEATURES, CLASSES = 60, 5, 4
WEIGHT_SCALES = (0.0, 0.1, 1.0, 10.0)
POINTS_PER_SCALE = 25


def logistic_hessian(weights: Array, inputs: Array) -> Array:
    """Second derivatives of the loss of softmax regression, mean cross-entropy, in its weights.

    The mean over samples of (diag(p) - p p^T) kron (x x^T), with p the class probabilities; the labels drop
    out. C. M. Bishop, "Pattern Recognition and Machine Learning" (2006), section 4.3.4.

    Weights of shape (classes, features) and inputs of shape (samples, features) give a matrix of shape
    (classes * features, classes * features), classes first.
    """
    probabilities = softmax(inputs @ weights.T, axis=1)
    terms = [
        np.kron(np.diag(p) - np.outer(p, p), np.outer(x, x))
        for p, x in zip(probabilities, inputs, strict=True)
    ]
    return np.asarray(np.mean(terms, axis=0))


def smallest_curvature() -> tuple[float, float, int]:
    """The smallest and the largest eigenvalue of any Hessian, and at how many weights they were sampled.

    The smallest is rounded to 1e-12: softmax scores may all be shifted, so the least eigenvalue is 0 in truth
    and rounding noise in practice.
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
