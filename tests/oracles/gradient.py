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

from octrepro.config.experiments import Feedforward, TorchLogisticRegression
from octrepro.core.prepared import Images, Labels, Prepared
from octrepro.training.result import Watch

Experiment = TorchLogisticRegression | Feedforward
f4 = np.float32


@dataclass(frozen=True)
class Parts:
    """What a network and its training are made of."""

    linear: Callable[[int, int], nn.Module] = nn.Linear
    tanh: Callable[[], nn.Module] = nn.Tanh
    cross_entropy: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = functional.cross_entropy
    adam: Callable[..., Any] = torch.optim.Adam


class WrittenOutAdam:
    """Adam in NumPy, one operation after the other; a fused multiply-add is done in higher precision."""

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, weight_decay: float) -> None:
        self.parameters, self.rate, self.decay, self.steps = list(parameters), lr, f4(weight_decay), 0
        self.moments = [(np.zeros(p.shape, f4), np.zeros(p.shape, f4)) for p in self.parameters]

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        for p, (m, v) in zip(self.parameters, self.moments, strict=True):
            assert p.grad is not None
            weight, g = p.numpy(), p.grad.numpy()
            g = fma(self.decay, weight, g) if self.decay else g
            m[:] = fma(f4(1 - 0.9), g - m, m)
            v[:] = fma(f4(1 - 0.999) * g, g, v * f4(0.999))
            root = np.sqrt(v) / f4((1 - 0.999**self.steps) ** 0.5) + f4(1e-8)
            weight += f4(-self.rate / (1 - 0.9**self.steps)) * m / root


def fma(a: Any, b: Any, c: Any) -> Any:
    # Extended precision holds the product of two float32 exactly; rounding its sum twice shows in less than
    # one of a hundred million cases.
    return (np.longdouble(a) * np.longdouble(b) + np.longdouble(c)).astype(f4)


def tensors(images: Images, labels: Labels) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor(images / 256, dtype=torch.float32), torch.tensor(labels, dtype=torch.long)


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
) -> tuple[list[Any], list[dict[str, float]]]:
    """The final weights and biases in their order, and what happened, epoch by epoch."""
    torch.manual_seed(seed)
    model = network(experiment, data.features, data.classes, parts)
    kind = torch.optim.SGD if experiment.optimizer == "sgd" else parts.adam
    optimizer = kind(model.parameters(), lr=experiment.learning_rate, weight_decay=experiment.l2_decay)
    images = TensorDataset(*tensors(data.train_images, data.train_labels))
    generator = torch.Generator().manual_seed(seed)
    batches = DataLoader(images, experiment.batch_size, shuffle=True, generator=generator)
    x_val, y_val = tensors(data.val_images, data.val_labels)
    epochs = []
    for number in watch(range(1, experiment.epochs + 1)):
        model.train()
        losses = []
        for x, y in batches:
            model.zero_grad()
            loss = parts.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            scores = model(x_val)
            epochs.append(
                {
                    "epoch": number,
                    "train_loss": math.fsum(losses) / len(losses),
                    "val_loss": parts.cross_entropy(scores, y_val).item(),
                    "val_accuracy": int((scores.argmax(dim=1) == y_val).sum()) / len(y_val),
                }
            )
    return [parameter.detach().numpy() for parameter in model.parameters()], epochs
