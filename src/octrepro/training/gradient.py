"""Training by automatic differentiation in mini-batches."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from octrepro.config import Feedforward, TorchLogisticRegression
from octrepro.core.numerics import Mode
from octrepro.core.prepared import Prepared
from octrepro.models.network import build_network, layers_of
from octrepro.models.portable_linear import PortableLinear
from octrepro.training.batches import ShuffledBatches, as_features
from octrepro.training.history import Epoch
from octrepro.training.optimizers import Update, build_update
from octrepro.training.result import Trained, Watch, has_diverged, unwatched
from octrepro.training.validation import mean, validate


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
        ``portable`` does matrix products and Adam's square roots by ways of its own, ``native`` by PyTorch's;
        ``cuda`` trains on a GPU, see `octrepro.training.device`.
    watch
        Wraps the epochs, for progress.

    Notes
    -----
    The train loss of an epoch is the plain mean of its batches' losses, each measured before its update.

    Raises
    ------
    UserError
        When ``cuda`` is asked for and there is no such device.
    """
    if numerics == "cuda":
        from octrepro.training.device import cuda_device, train_on_device

        return train_on_device(data, experiment, seed, cuda_device(), watch)
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    linear = PortableLinear if numerics == "portable" else nn.Linear
    network = build_network(experiment, data.features, data.classes, linear)
    update = build_update(experiment, list(network.parameters()), numerics)
    batches = ShuffledBatches(data.train_images, data.train_labels, experiment.batch_size, seed)
    val_features = as_features(data.val_images)
    val_labels = torch.from_numpy(data.val_labels)
    epochs: list[Epoch] = []
    for _ in watch(range(experiment.epochs)):
        train_loss = _train_epoch(network, update, batches)
        val_loss, val_accuracy = validate(network, val_features, val_labels)
        epochs.append(Epoch(train_loss=train_loss, val_loss=val_loss, val_accuracy=val_accuracy))
        if has_diverged(epochs[-1], layers_of(network)):
            break
    return Trained(layers_of(network), epochs, updates=len(epochs) * len(batches))


def _train_epoch(network: nn.Module, update: Update, batches: ShuffledBatches) -> float:
    network.train()
    parameters = list(network.parameters())
    losses = []
    for features, labels in batches:
        loss = functional.cross_entropy(network(features), labels)
        update(torch.autograd.grad(loss, parameters))
        losses.append(loss.item())
    return mean(losses)
