"""Mini-batches, exactly those of a shuffling `torch.utils.data.DataLoader`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from octrepro.models.blocks import gather
from octrepro.models.layers import scaled

# How many images are gathered from the memory map and converted at a time.
_IMAGES_AT_ONCE = 1024


class ShuffledBatches:
    """The batches of ``DataLoader(dataset, batch_size, shuffle=True, generator=generator)``.

    Whole stretches of an epoch's permutation are gathered at once and cut into batches, which are views. The
    generator is drawn from as the DataLoader does it: a base seed for workers (none are used here), the
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

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield one epoch: features float32, shape (batch, features), and labels int64, shape (batch,)."""
        order = self.draw_order()
        per_chunk = max(1, _IMAGES_AT_ONCE // self._batch_size) * self._batch_size
        for start in range(0, len(order), per_chunk):
            chosen = order[start : start + per_chunk]
            features = np.empty((len(chosen), self._images.shape[1]), dtype=np.float32)
            gather(self._images, chosen, features)
            whole = torch.from_numpy(features)
            labels = torch.from_numpy(self._labels[chosen])
            for first in range(0, len(chosen), self._batch_size):
                last = first + self._batch_size
                yield whole[first:last], labels[first:last]

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
