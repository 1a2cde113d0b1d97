"""The phantom: the same bits on every build, in OCTMNIST's format and class shares."""

import hashlib

import numpy as np
import pytest
from scipy.special import gammainc

from octrepro.datasets.phantom import CLASS_SHARES, SPECKLE_ONE, generate, speckle_quantiles

SHA256 = "de6abc71f9f36ae8c1358e1ad5fee45a8f4c8c0dfca50b4f317642b691c109e5"
"""Of a phantom of 300, 40 and 60 scans from seed 42. It changes when the drawing changes, and only then."""


def test_the_drawing_has_not_changed() -> None:
    digest = hashlib.sha256()
    for name, array in generate(42, 300, 40, 60).items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
    assert digest.hexdigest() == SHA256


def test_classes_are_as_frequent_as_in_octmnist_and_in_random_order() -> None:
    arrays = generate(42, 600, 70, 100)
    for split, count in (("train", 600), ("val", 70)):
        expected = np.array(CLASS_SHARES) / sum(CLASS_SHARES) * count
        assert np.abs(np.bincount(arrays[f"{split}_labels"][:, 0]) - expected).max() < 1
    assert np.bincount(arrays["test_labels"][:, 0]).tolist() == [25, 25, 25, 25]
    assert np.count_nonzero(np.diff(arrays["train_labels"][:, 0].astype(int))) > 250


@pytest.mark.parametrize("looks", [2, 16])
def test_speckle_quantiles_are_the_gamma_distributions_and_far_from_the_edge_of_rounding(looks: int) -> None:
    """A last-bit difference between machines must not turn an entry into its neighbor."""
    entries = speckle_quantiles(looks) * SPECKLE_ONE
    for edge in (-0.5 + 1e-6, 0.5 - 1e-6):
        share = gammainc(looks, (entries.astype(float) + edge) / SPECKLE_ONE * looks)
        assert (np.sign(share - (np.arange(256) + 0.5) / 256) == np.sign(edge)).all()
