"""The plain PyTorch loop: a real DataLoader, nn.Sequential, an optimizer of torch.optim at its defaults.

`Parts` names what portable numerics put in place of PyTorch's own layers, loss and Adam; the loop stays.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from octrepro.config import Feedforward, TorchLogisticRegression
from octrepro.core.prepared import Images, Labels, Prepared
from octrepro.training.result import Watch
from tests.oracles import Course

Experiment = TorchLogisticRegression | Feedforward
f4 = np.float32


@dataclass(frozen=True)
class Parts:
    """What a network and its training are made of."""

    linear: Callable[[int, int], nn.Module] = nn.Linear
    tanh: Callable[[], nn.Module] = nn.Tanh
    cross_entropy: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = functional.cross_entropy
    adam: Callable[..., torch.optim.Optimizer] = torch.optim.Adam


class WrittenOutAdam(torch.optim.Optimizer):
    """Adam in NumPy, one operation after the other; a fused multiply-add is done in higher precision."""

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, weight_decay: float) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})
        self.steps = 0
        self.moments = {p: (np.zeros(p.shape, f4), np.zeros(p.shape, f4)) for p in self.parameters()}

    def parameters(self) -> list[nn.Parameter]:
        return list(self.param_groups[0]["params"])

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        self.steps += 1
        rate, decay = self.param_groups[0]["lr"], f4(self.param_groups[0]["weight_decay"])
        for p in self.parameters():
            assert p.grad is not None
            weight, g, (m, v) = p.numpy(), p.grad.numpy(), self.moments[p]
            g = fma(decay, weight, g) if decay else g
            m[:] = fma(f4(1 - 0.9), g - m, m)
            v[:] = fma(f4(1 - 0.999) * g, g, v * f4(0.999))
            root = np.sqrt(v) / f4((1 - 0.999**self.steps) ** 0.5) + f4(1e-8)
            weight += f4(-rate / (1 - 0.9**self.steps)) * m / root


def fma(a: Any, b: Any, c: Any) -> Any:
    # Extended precision holds the product of two float32 exactly; rounding its sum twice shows in less than
    # one of a hundred million cases.
    return (np.longdouble(a) * np.longdouble(b) + np.longdouble(c)).astype(f4)


def tensors(images: Images, labels: Labels) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor(images / 256, dtype=torch.float32), torch.tensor(labels, dtype=torch.long)


def loader(data: Prepared, batch_size: int, seed: int) -> DataLoader[tuple[torch.Tensor, ...]]:
    dataset = TensorDataset(*tensors(data.train_images, data.train_labels))
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size, shuffle=True, generator=generator)


def network(experiment: Experiment, features: int, classes: int, parts: Parts) -> nn.Sequential:
    if isinstance(experiment, TorchLogisticRegression):
        return nn.Sequential(parts.linear(features, classes))
    modules: list[nn.Module] = []
    sizes = [features] + [experiment.hidden_size] * experiment.hidden_layers
    for inputs, outputs in pairwise(sizes):
        modules.append(parts.linear(inputs, outputs))
        modules.append(nn.ReLU() if experiment.activation == "relu" else parts.tanh())
        modules.append(nn.Dropout(experiment.dropout))
    modules.append(parts.linear(sizes[-1], classes))
    return nn.Sequential(*modules)


def train(
    data: Prepared, experiment: Experiment, seed: int, parts: Parts = Parts(), watch: Watch = iter
) -> Course:
    torch.manual_seed(seed)
    model = network(experiment, data.features, data.classes, parts)
    kind = torch.optim.SGD if experiment.optimizer == "sgd" else parts.adam
    optimizer = kind(model.parameters(), lr=experiment.learning_rate, weight_decay=experiment.l2_decay)
    batches = loader(data, experiment.batch_size, seed)
    x_val, y_val = tensors(data.val_images, data.val_labels)
    course = Course(list(model.parameters()))
    for _ in watch(range(experiment.epochs)):
        model.train()
        losses = []
        for x, y in batches:
            optimizer.zero_grad()
            loss = parts.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        course.train_loss.append(math.fsum(losses) / len(losses))
        model.eval()
        with torch.no_grad():
            scores = model(x_val)
            course.val_loss.append(parts.cross_entropy(scores, y_val).item())
            course.val_accuracy.append(int((scores.argmax(dim=1) == y_val).sum()) / len(y_val))
    return course
