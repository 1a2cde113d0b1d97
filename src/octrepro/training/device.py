"""The training loop on an accelerator: data stay there, and many steps are replayed as one CUDA graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import nn
from torch.nn import functional

from octrepro.config import Feedforward, TorchLogisticRegression
from octrepro.core import UserError
from octrepro.core.prepared import Prepared
from octrepro.models.layers import PIXEL_SCALE
from octrepro.models.network import build_network
from octrepro.training.batches import ShuffledBatches, as_features
from octrepro.training.epochs import train_epochs
from octrepro.training.optimizers import Update, build_update, unchanged
from octrepro.training.result import Trained, Watch, unwatched

# Enough steps per graph that starting it costs nothing beside its work.
STEPS_AT_ONCE = 32

_WARM_UP_STEPS = 3


def cuda_device() -> torch.device:
    """The first CUDA device.

    Raises
    ------
    UserError
        When there is none.
    """
    if not torch.cuda.is_available():
        raise UserError(
            "numerics: cuda was asked for, but PyTorch finds no CUDA device",
            expected="an NVIDIA GPU with its driver, and a build of PyTorch for CUDA",
            hint="set numerics to portable or native in params.yaml",
        )
    return torch.device("cuda")


def train_on_device(
    data: Prepared,
    experiment: TorchLogisticRegression | Feedforward,
    seed: int,
    device: torch.device,
    watch: Watch = unwatched,
) -> Trained:
    """Train by the protocol on `device`: the same initial weights and batches as on the processor.

    Parameters
    ----------
    data, experiment, seed, watch
        As for `octrepro.training.gradient.train_by_gradient`.
    device
        A CUDA device. On any other device the same steps run one by one, which is how they are tested.

    Notes
    -----
    Products are computed in full float32 but in the device's own order, and dropout masks come from the
    device's generator: results agree with the processor's in what they show, not in their bits.
    """
    torch.manual_seed(seed)
    network = build_network(experiment, data.features, data.classes).to(device)
    update = build_update(experiment, list(network.parameters()), "cuda")
    batches = ShuffledBatches(data.train_images, data.train_labels, experiment.batch_size, seed)
    steps = _Steps(network, update, data, experiment.batch_size, device)
    validation_set = as_features(data.val_images).to(device), torch.from_numpy(data.val_labels).to(device)

    def train_epoch() -> list[float]:
        order = torch.from_numpy(batches.draw_order()).to(device)
        losses: list[float] = torch.cat(list(steps.epoch(order))).tolist()
        return losses

    return train_epochs(network, train_epoch, validation_set, watch(range(experiment.epochs)))


class _Steps:
    """Training steps that find their samples' numbers in one place, so that they can be replayed."""

    def __init__(
        self, network: nn.Module, update: Update, data: Prepared, batch_size: int, device: torch.device
    ) -> None:
        self._network = network
        self._update = update
        self._parameters = list(network.parameters())
        self._images = torch.tensor(data.train_images, device=device)
        self._labels = torch.tensor(data.train_labels, device=device)
        self._batch_size = batch_size
        self._chosen = torch.zeros((STEPS_AT_ONCE, batch_size), dtype=torch.int64, device=device)
        self._losses = torch.zeros(STEPS_AT_ONCE, device=device)
        enough = len(self._labels) >= STEPS_AT_ONCE * batch_size
        self._replay = self._capture() if device.type == "cuda" and enough else self._run_group

    def epoch(self, order: torch.Tensor) -> Iterator[torch.Tensor]:
        """Train on `order`, shape (n,); yield the losses of the batches in pieces of shape (steps,)."""
        group = STEPS_AT_ONCE * self._batch_size
        whole = len(order) // group * group
        for start in range(0, whole, group):
            self._chosen.copy_(order[start : start + group].view_as(self._chosen))
            self._replay()
            yield self._losses.clone()
        for start in range(whole, len(order), self._batch_size):
            yield self._step(order[start : start + self._batch_size]).view(1)

    def _step(self, chosen: torch.Tensor) -> torch.Tensor:
        features = self._images[chosen].float() * PIXEL_SCALE
        loss = functional.cross_entropy(self._network(features), self._labels[chosen])
        self._update(torch.autograd.grad(loss, self._parameters))
        return loss.detach()

    def _run_group(self) -> None:
        for step in range(STEPS_AT_ONCE):
            self._losses[step] = self._step(self._chosen[step])

    def _capture(self) -> Callable[[], None]:
        """Record a group of steps as a CUDA graph; weights, optimizer and generator end as they were."""
        graph = torch.cuda.CUDAGraph()
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        with unchanged(self._parameters):
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                # Libraries allocate on first use, which a recording must not contain.
                for step in range(_WARM_UP_STEPS):
                    self._step(self._chosen[step])
            torch.cuda.current_stream().wait_stream(side)
            with torch.cuda.graph(graph):
                self._run_group()
        self._update.reset()
        replay: Callable[[], None] = graph.replay
        return replay
