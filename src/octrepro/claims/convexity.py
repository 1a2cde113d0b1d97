"""The curvature of the loss of logistic regression at sampled weights, the same for every data set."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SAMPLES, FEATURES, CLASSES = 60, 5, 4
WEIGHT_SCALES = (0.0, 0.1, 1.0, 10.0)
POINTS_PER_SCALE = 25


def logistic_hessian(weights: Array, inputs: Array) -> Array:
    """Second derivatives of the loss of softmax regression, mean cross-entropy, in its weights.

    The mean over samples of (diag(p) - p p^T) kron (x x^T), with p the class probabilities; the labels drop
    out. C. M. Bishop, "Pattern Recognition and Machine Learning" (2006), section 4.3.4.

    Parameters
    ----------
    weights, inputs
        Shapes (classes, features) and (samples, features).

    Returns
    -------
    Array
        Shape (classes * features, classes * features), classes first.
    """
    scores = inputs @ weights.T
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    curvature = np.einsum("nk,kl->nkl", p, np.eye(p.shape[1])) - np.einsum("nk,nl->nkl", p, p)
    hessian = np.einsum("nkl,ni,nj->kilj", curvature, inputs, inputs, optimize=False)
    return np.asarray(hessian.reshape(weights.size, weights.size) / len(inputs))


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
