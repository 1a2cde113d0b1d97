"""Training by automatic differentiation in mini-batches."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from octrepro.arithmetic.adam import PortableAdam
from octrepro.arithmetic.differentiable import portable_cross_entropy
from octrepro.config.experiments import Feedforward, TorchLogisticRegression
from octrepro.core.numerics import Mode
from octrepro.core.prepared import Images, Prepared
from octrepro.models.network import build_network, layers_of
from octrepro.models.pixels import gather, scaled
from octrepro.training import trace
from octrepro.training.result import Epoch, Trained, Watch


def train_by_gradient(
    data: Prepared,
    experiment: TorchLogisticRegression | Feedforward,
    seed: int,
    numerics: Mode,
    watch: Watch,
) -> Trained:
    """Train by the protocol: float32, cross-entropy, mini-batches in a DataLoader's order.

    The seed is that of PyTorch's global generator (weights, then dropout masks) and of the batches' own.
    ``portable`` numerics take layers, loss and Adam of `octrepro.arithmetic`, ``native`` those of PyTorch.

    The train loss of an epoch is the plain mean of its batches' losses, each measured before its update.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)

    network = build_network(experiment, data.features, data.classes, numerics)
    parameters = list(network.parameters())
    portable = numerics == "portable"
    cross_entropy = portable_cross_entropy if portable else functional.cross_entropy

    kinds = {"sgd": PlainDescent, "adam": PortableAdam if portable else torch.optim.Adam}
    optimizer = kinds[experiment.optimizer](
        parameters, lr=experiment.learning_rate, weight_decay=experiment.l2_decay
    )

    train_labels, val_labels = torch.tensor(data.train_labels), torch.tensor(data.val_labels)
    val_features = torch.from_numpy(scaled(data.val_images, np.float32))
    generator = torch.Generator().manual_seed(seed)
    batches_per_epoch = math.ceil(len(train_labels) / experiment.batch_size)
    traced = batches_per_epoch * experiment.epochs >= trace.TRACED_FROM
    steps: dict[int, trace.Step] = {}  # one for full batches, one for the last

    epochs: list[Epoch] = []
    for number in watch(range(1, experiment.epochs + 1)):
        network.train()
        losses = []
        for batch in shuffled_batches(data.train_images, train_labels, experiment.batch_size, generator):
            size = len(batch[1])
            if size not in steps:
                steps[size] = trace.make_step(network, cross_entropy, batch, traced=traced)
            losses.append(steps[size](*batch))
            optimizer.step()

        network.eval()
        with torch.no_grad():
            scores = network(val_features)
            epochs.append(
                {
                    "epoch": number,
                    # The sum is rounded once, and so does not depend on the order.
                    "train_loss": math.fsum(losses) / len(losses),
                    "val_loss": cross_entropy(scores, val_labels).item(),
                    "val_accuracy": int((scores.argmax(dim=1) == val_labels).sum()) / len(val_labels),
                }
            )
        trained = Trained(layers_of(network), epochs, batches_per_epoch * len(epochs))
        if trained.diverged:
            break
    return trained


def shuffled_batches(
    images: Images, labels: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch of ``DataLoader(dataset, batch_size, shuffle=True, generator=generator)``.

    Yields features, shape (batch, features), float32, and labels, shape (batch,). The generator is drawn from
    as the DataLoader does it: a base seed for workers (none are used here), the permutation, and a second
    permutation for the zero samples beyond a whole number of passes.
    """
    torch.empty((), dtype=torch.int64).random_(generator=generator)
    order = torch.randperm(len(labels), generator=generator)
    torch.randperm(len(labels), generator=generator)
    for chosen in torch.split(order, batch_size):
        features = torch.empty(len(chosen), images.shape[1])
        gather(images, chosen.numpy(), features.numpy())
        yield features, labels[chosen]


class PlainDescent:
    """`torch.optim.SGD` at its defaults, the same bits: p -= lr (gradient + weight_decay p).

    It leaves out the bookkeeping that takes as long as the arithmetic where batches are small.
    """

    def __init__(self, parameters: Sequence[Tensor], lr: float, weight_decay: float) -> None:
        self._parameters = parameters
        self._lr = lr
        self._weight_decay = weight_decay

    @torch.no_grad()
    def step(self) -> None:
        """Update each parameter by its `grad`."""
        for parameter in self._parameters:
            gradient: Any = parameter.grad
            if self._weight_decay:
                gradient = gradient.add(parameter, alpha=self._weight_decay)
            parameter.add_(gradient, alpha=-self._lr)
