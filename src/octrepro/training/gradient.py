"""Training by automatic differentiation in mini-batches."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from octrepro.config import Feedforward, TorchLogisticRegression
from octrepro.core.numerics import Mode
from octrepro.core.prepared import Prepared
from octrepro.models.mersenne_twister import Stream
from octrepro.models.network import build_network
from octrepro.models.portable_linear import PortableLinear
from octrepro.training.batches import ShuffledBatches, as_features
from octrepro.training.epochs import train_epochs
from octrepro.training.optimizers import Update, build_update, unchanged
from octrepro.training.recording import Recording
from octrepro.training.result import Trained, Watch, unwatched


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
    steps = _Steps(network, update, batches)
    validation_set = as_features(data.val_images), torch.from_numpy(data.val_labels)
    return train_epochs(network, steps.epoch, validation_set, watch(range(experiment.epochs)))


class _Steps:
    """Training steps, recorded once for each size of batch."""

    def __init__(self, network: nn.Sequential, update: Update, batches: ShuffledBatches) -> None:
        self._network = network
        self._update = update
        self._batches = batches
        self._stream = Stream(torch.get_rng_state().numpy().tobytes())
        self._recorded: dict[int, _RecordedStep] = {}

    def epoch(self) -> list[float]:
        """Train on each batch once; return their losses."""
        losses = []
        for chosen in self._batches:
            step = self._step(len(chosen))
            self._batches.load(chosen, step.features, step.labels)
            losses.append(step())
        return losses

    def _step(self, size: int) -> _RecordedStep:
        if size not in self._recorded:
            self._recorded[size] = _RecordedStep(self._network, self._update, size, self._stream)
        return self._recorded[size]


class _RecordedStep:
    """One training step on whatever `features` and `labels` hold.

    Attributes
    ----------
    features, labels
        Shapes (size, features), float32, and (size,), int64.
    """

    def __init__(self, network: nn.Sequential, update: Update, size: int, stream: Stream) -> None:
        parameters = list(network.parameters())
        features = torch.zeros(size, parameters[0].shape[1])
        labels = torch.zeros(size, dtype=torch.int64)

        def step() -> None:
            loss = functional.cross_entropy(network(features), labels)
            self._gradients = torch.autograd.grad(loss, parameters)
            self._loss = loss.detach()
            if update.is_uniform:
                update(self._gradients)

        with unchanged(parameters):
            self._recording = Recording(step, stream)
        self.features, self.labels = features.numpy(), labels.numpy()
        self._update = update

    def __call__(self) -> float:
        """Make the step and return its loss, measured before the update."""
        self._recording.replay()
        if not self._update.is_uniform:
            self._update(self._gradients)
        return self._loss.item()
