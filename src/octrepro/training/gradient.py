"""Training by automatic differentiation in mini-batches."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from octrepro.arithmetic.differentiable import portable_cross_entropy
from octrepro.arithmetic.sums import mean
from octrepro.config import Feedforward, TorchLogisticRegression
from octrepro.core.numerics import Mode
from octrepro.core.prepared import Prepared
from octrepro.models.network import build_network, layers_of
from octrepro.training import trace
from octrepro.training.batches import ShuffledBatches, as_features
from octrepro.training.history import Epoch
from octrepro.training.optimizers import Sgd, build_optimizer
from octrepro.training.result import Trained, Watch, has_diverged, unwatched

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def train_by_gradient(
    data: Prepared,
    experiment: TorchLogisticRegression | Feedforward,
    seed: int,
    numerics: Mode = "portable",
    watch: Watch = unwatched,
) -> Trained:
    """Train by the protocol: float32, cross-entropy, mini-batches in a DataLoader's order.

    Parameters
    ----------
    data
        The prepared data set.
    experiment
        The model and its parameters.
    seed
        Of PyTorch's global generator (weights, then dropout masks) and of the batches' own generator.
    numerics
        ``portable`` takes layers, loss and Adam of `octrepro.arithmetic`, ``native`` those of PyTorch.
    watch
        Wraps the epochs, for progress.

    Notes
    -----
    The train loss of an epoch is the plain mean of its batches' losses, each measured before its update.
    Training ends early when the loss or a weight is no longer finite.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    network = build_network(experiment, data.features, data.classes, numerics)
    cross_entropy = portable_cross_entropy if numerics == "portable" else functional.cross_entropy
    parameters = list(network.parameters())
    optimizer = build_optimizer(experiment, parameters, numerics)
    batches = ShuffledBatches(data.train_images, data.train_labels, experiment.batch_size, seed)
    validation_set = as_features(data.val_images), torch.from_numpy(data.val_labels)
    update = optimizer.step if isinstance(optimizer, Sgd) else None
    traced = len(batches) * experiment.epochs >= trace.TRACED_FROM
    steps: dict[int, trace.Step] = {}
    epochs: list[Epoch] = []
    updates = 0
    for _ in watch(range(experiment.epochs)):
        network.train()
        losses = []
        for features, labels in batches:
            # One for full batches, one for the last.
            if len(labels) not in steps:
                steps[len(labels)] = trace.Step(
                    network, cross_entropy, update, (features, labels), traced=traced
                )
            loss, gradients = steps[len(labels)](features, labels)
            if update is None:
                optimizer.step(parameters, gradients)
            losses.append(loss)
        updates += len(losses)
        val_loss, val_accuracy = validate(network, cross_entropy, *validation_set)
        epochs.append(Epoch(train_loss=mean(losses), val_loss=val_loss, val_accuracy=val_accuracy))
        if has_diverged(epochs[-1], layers_of(network)):
            break
    return Trained(layers_of(network), epochs, updates)


@torch.no_grad()
def validate(
    network: nn.Module, cross_entropy: Loss, features: torch.Tensor, labels: torch.Tensor
) -> tuple[float, float]:
    """Mean loss and accuracy over the whole validation set, in one pass."""
    network.eval()
    scores = network(features)
    loss = cross_entropy(scores, labels).item()
    correct = int((scores.argmax(dim=1) == labels).sum())
    return loss, correct / len(labels)
