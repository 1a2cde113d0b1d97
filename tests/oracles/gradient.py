"""The plain PyTorch loop: a real DataLoader, nn.Sequential, an optimizer of torch.optim at its defaults."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from octrepro.config import Feedforward, TorchLogisticRegression
from octrepro.training.result import Watch, unwatched

Split = tuple[NDArray[np.uint8], NDArray[np.int64]]


@dataclass
class Course:
    """What happened, epoch by epoch."""

    train_loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)


def tensors(split: Split) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor(split[0] / 256, dtype=torch.float32), torch.tensor(split[1], dtype=torch.long)


def loader(train: Split, batch_size: int, seed: int = 42) -> DataLoader[tuple[torch.Tensor, ...]]:
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(TensorDataset(*tensors(train)), batch_size, shuffle=True, generator=generator)


def network(
    experiment: TorchLogisticRegression | Feedforward,
    features: int,
    classes: int,
    linear: Callable[[int, int], nn.Module],
) -> nn.Sequential:
    if isinstance(experiment, TorchLogisticRegression):
        return nn.Sequential(linear(features, classes))
    modules: list[nn.Module] = []
    sizes = [features] + [experiment.hidden_size] * experiment.hidden_layers
    for inputs, outputs in pairwise(sizes):
        modules.append(linear(inputs, outputs))
        modules.append(nn.ReLU() if experiment.activation == "relu" else nn.Tanh())
        modules.append(nn.Dropout(experiment.dropout))
    modules.append(linear(sizes[-1], classes))
    return nn.Sequential(*modules)


def train(
    train_split: Split,
    val_split: Split,
    classes: int,
    experiment: TorchLogisticRegression | Feedforward,
    linear: Callable[[int, int], nn.Module] = nn.Linear,
    seed: int = 42,
    watch: Watch = unwatched,
) -> tuple[nn.Sequential, Course]:
    torch.manual_seed(seed)
    model = network(experiment, train_split[0].shape[1], classes, linear)
    criterion = nn.CrossEntropyLoss()
    kind = torch.optim.SGD if experiment.optimizer == "sgd" else torch.optim.Adam
    optimizer = kind(model.parameters(), lr=experiment.learning_rate, weight_decay=experiment.l2_decay)
    batches = loader(train_split, experiment.batch_size, seed)
    x_val, y_val = tensors(val_split)
    course = Course()
    for _ in watch(range(experiment.epochs)):
        model.train()
        losses = []
        for x, y in batches:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        course.train_loss.append(math.fsum(losses) / len(losses))
        model.eval()
        with torch.no_grad():
            scores = model(x_val)
            course.val_loss.append(criterion(scores, y_val).item())
            course.val_accuracy.append(int((scores.argmax(dim=1) == y_val).sum()) / len(y_val))
    return model, course
