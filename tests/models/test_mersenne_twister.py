"""Random numbers against those of PyTorch itself."""

import numpy as np
import pytest
import torch

from octrepro.models.mersenne_twister import Stream


def stream_of(generator: torch.Generator) -> Stream:
    return Stream(generator.get_state().numpy().tobytes())


@pytest.mark.parametrize("drawn", [0, 1, 2, 311, 623, 624, 625, 1247, 5000])
def test_it_goes_on_where_pytorchs_generator_stands(drawn: int) -> None:
    generator = torch.Generator().manual_seed(42)
    torch.rand(drawn, generator=generator)  # one word each
    stream = stream_of(generator)
    for size in (1, 311, 312, 313, 7, 51_200, 2):
        masks = np.empty(size, dtype=np.float32)
        stream.bernoulli(0.8, masks)
        assert np.array_equal(masks, torch.empty(size).bernoulli_(0.8, generator=generator).numpy())


@pytest.mark.parametrize("probability", [0.0, 2.0**-53, 0.1, 1 / 3, 0.5, 0.9, 1.0 - 2.0**-53, 1.0])
def test_any_probability(probability: float) -> None:
    generator = torch.Generator().manual_seed(7)
    stream = stream_of(generator)
    masks = np.empty(10_000, dtype=np.float32)
    stream.bernoulli(probability, masks)
    assert np.array_equal(masks, torch.empty(10_000).bernoulli_(probability, generator=generator).numpy())


def test_pytorchs_own_generator_stays_where_it_is() -> None:
    generator = torch.Generator().manual_seed(3)
    before = generator.get_state()
    stream_of(generator).bernoulli(0.5, np.empty(1000, dtype=np.float32))
    assert torch.equal(generator.get_state(), before)
