"""The memory that training takes, reported before it starts."""

from itertools import pairwise

from octrepro.config.experiments import Experiment, Feedforward, Mlp, TorchLogisticRegression
from octrepro.core.errors import UserError

FEATURES = 28 * 28
CLASSES = 4
GIB = 2**30


def least_memory(experiment: Experiment) -> int:
    """Bytes that training cannot do without: weights, gradients, optimizer state and a batch's activations.

    For gray images of 28 x 28 pixels in four classes; color and more classes add to it.
    """
    hidden: list[int] = []
    if isinstance(experiment, Mlp):
        hidden = [experiment.hidden_size]
    elif isinstance(experiment, Feedforward):
        hidden = [experiment.hidden_size] * experiment.hidden_layers
    weights = sum(inputs * outputs for inputs, outputs in pairwise([FEATURES, *hidden, CLASSES]))
    if isinstance(experiment, TorchLogisticRegression | Feedforward):
        copies = 4 if experiment.optimizer == "adam" else 2
        # Each layer keeps its outputs before and after the activation for the backward pass.
        return 4 * (copies * weights + experiment.batch_size * (FEATURES + 2 * sum(hidden)))
    return 8 * 2 * weights


def check_memory(name: str, experiment: Experiment) -> None:
    """Raise `UserError` when a run needs more memory than this machine has; name both sizes."""
    import psutil

    needed, total = least_memory(experiment), psutil.virtual_memory().total
    if needed > total:
        raise UserError(
            f"{name} needs at least {needed / GIB:,.1f} GiB of memory, this machine has {total / GIB:,.1f}",
            expected="a network and batches that fit",
            hint="lower hidden_size, hidden_layers or batch_size in params.yaml; nothing has been run",
        )
