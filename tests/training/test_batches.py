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
