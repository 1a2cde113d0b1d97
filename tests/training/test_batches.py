import numpy as np
import pytest
import torch

from octrepro.training.batches import ShuffledBatches
from tests.oracles import data as samples
from tests.oracles.gradient import loader


@pytest.mark.parametrize(("n", "batch_size"), [(100, 16), (96, 16), (33, 32), (10, 64), (5000, 1024), (1, 1)])
def test_they_are_those_of_a_data_loader(n: int, batch_size: int) -> None:
    data = samples.random_data(n, 6, 3)
    ours = ShuffledBatches(data.train_images, data.train_labels, batch_size, seed=42)
    theirs = loader((data.train_images, data.train_labels), batch_size)
    assert len(ours) == len(theirs)
    for _ in range(3):
        for (x, y), (x_expected, y_expected) in zip(ours, theirs, strict=True):
            assert torch.equal(x, x_expected)
            assert torch.equal(y, y_expected)


def test_every_sample_is_visited_once() -> None:
    data = samples.random_data(77, 6, 3)
    batches = ShuffledBatches(data.train_images, np.arange(77), 16, seed=1)
    visited = torch.cat([labels for _, labels in batches])
    assert torch.equal(visited.sort().values, torch.arange(77))
