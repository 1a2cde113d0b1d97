"""The epochs of a network that is differentiated automatically, and what is measured of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
from torch import nn
from torch.nn import functional

from octrepro.models.network import layers_of
from octrepro.training.history import Epoch
from octrepro.training.result import Trained, has_diverged


def train_epochs(
    network: nn.Sequential,
    train_epoch: Callable[[], list[float]],
    validation_set: tuple[torch.Tensor, torch.Tensor],
    epochs: Iterable[int],
) -> Trained:
    """Train and validate, epoch by epoch, until the last one or until the network diverges.

    Parameters
    ----------
    network
        What is trained.
    train_epoch
        Trains on each batch once and returns their losses, each measured before its update.
    validation_set
        Features, shape (n, features), and labels, shape (n,), on the network's device.
    epochs
        As many as there are to be.
    """
    records: list[Epoch] = []
    updates = 0
    for _ in epochs:
        network.train()
        losses = train_epoch()
        updates += len(losses)
        val_loss, val_accuracy = validate(network, *validation_set)
        records.append(Epoch(train_loss=mean(losses), val_loss=val_loss, val_accuracy=val_accuracy))
        if has_diverged(records[-1], layers_of(network)):
            break
    return Trained(layers_of(network), records, updates)


def mean(losses: list[float]) -> float:
    """The mean, its sum rounded once, so that it depends on no order."""
    if not all(math.isfinite(loss) for loss in losses):
        return sum(losses) / len(losses)
    return math.fsum(losses) / len(losses)


@torch.no_grad()
def validate(network: nn.Module, features: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """Mean loss and accuracy over the whole validation set, in one pass."""
    network.eval()
    scores = network(features)
    loss = functional.cross_entropy(scores, labels).item()
    correct = int((scores.argmax(dim=1) == labels).sum())
    return loss, correct / len(labels)
