"""Training any run of params.yaml."""

from typing import Any, cast

import numpy as np

from octrepro.config.experiments import Experiment
from octrepro.core.numerics import Mode
from octrepro.core.prepared import Prepared
from octrepro.training.from_scratch import LEARNERS, train_from_scratch
from octrepro.training.result import Trained, Watch


def train(
    data: Prepared, experiment: Experiment, seed: int, numerics: Mode = "portable", watch: Watch = iter
) -> Trained:
    """Train the model that `experiment` describes on the training set of `data`.

    `watch` wraps the epochs, for progress. A run whose loss or weights become infinite or NaN stops after
    that epoch.
    """
    # A run may diverge; that is recorded as its result, so NumPy need not warn of it too.
    with np.errstate(over="ignore", invalid="ignore"):
        if experiment.model in LEARNERS:
            return train_from_scratch(data, experiment, seed, watch)
        # Loaded where it is needed only: PyTorch takes a second and 200 MB.
        from octrepro.training.gradient import train_by_gradient

        return train_by_gradient(data, cast(Any, experiment), seed, numerics, watch)
