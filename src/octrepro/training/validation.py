"""What is measured of an epoch of a network: mean losses and accuracy."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional


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
