"""Mini-batches, exactly those of a shuffling `torch.utils.data.DataLoader`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from octrepro.models.pixels import gather, read_only, scaled


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
        self._images = read_only(images)
        self._labels = torch.from_numpy(np.array(labels))
        self._batch_size = batch_size
        self._generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return -(-len(self._labels) // self._batch_size)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield one epoch: features, shape (batch, features), float32, and labels, shape (batch,)."""
        for chosen in torch.split(self._draw_order(), self._batch_size):
            features = torch.empty(len(chosen), self._images.shape[1])
            gather(self._images, chosen.numpy(), features.numpy())
            yield features, self._labels[chosen]

    def _draw_order(self) -> torch.Tensor:
        n = len(self._labels)
        torch.empty((), dtype=torch.int64).random_(generator=self._generator)
        order = torch.randperm(n, generator=self._generator)
        torch.randperm(n, generator=self._generator)
        return order


def as_features(images: NDArray[np.uint8]) -> torch.Tensor:
    """Pixels divided by 256 as a float32 tensor of the same shape."""
    return torch.from_numpy(scaled(images, np.float32))
