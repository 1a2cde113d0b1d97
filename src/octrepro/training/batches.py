"""Mini-batches, exactly those of a shuffling `torch.utils.data.DataLoader`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from octrepro.models.blocks import gather
from octrepro.models.layers import scaled


class ShuffledBatches:
    """The batches of ``DataLoader(dataset, batch_size, shuffle=True, generator=generator)``.

    The generator is drawn from as the DataLoader does it: a base seed for workers (none are used here), the
    permutation, and a second permutation for the zero samples beyond a whole number of passes.

    Parameters
    ----------
    images
        uint8, shape (n, features); may be memory-mapped.
    labels
        int64, shape (n,).
    batch_size
        Samples per batch; the last, smaller batch is kept.
    seed
        Of the generator.
    """

    def __init__(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64], batch_size: int, seed: int
    ) -> None:
        self._images = images
        self._labels = labels
        self._batch_size = batch_size
        self._generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return -(-len(self._labels) // self._batch_size)

    def __iter__(self) -> Iterator[NDArray[np.int64]]:
        """Yield one epoch: where in the stored set each batch's samples lie, shape (batch,)."""
        order = self.draw_order()
        for start in range(0, len(order), self._batch_size):
            yield order[start : start + self._batch_size]

    def load(
        self, chosen: NDArray[np.int64], features: NDArray[np.float32], labels: NDArray[np.int64]
    ) -> None:
        """Write the samples `chosen` to `features`, shape (batch, features), and `labels`, shape (batch,)."""
        gather(self._images, chosen, features)
        np.take(self._labels, chosen, out=labels, mode="clip")

    def draw_order(self) -> NDArray[np.int64]:
        """The next epoch's permutation, shape (n,)."""
        n = len(self._labels)
        torch.empty((), dtype=torch.int64).random_(generator=self._generator)
        order: NDArray[np.int64] = torch.randperm(n, generator=self._generator).numpy()
        torch.randperm(n, generator=self._generator)
        return order


def as_features(images: NDArray[np.uint8]) -> torch.Tensor:
    """Pixels divided by 256 as a float32 tensor of the same shape."""
    return torch.from_numpy(scaled(images, np.float32))
