"""The phantom: the same bits on every build, in OCTMNIST's format and class shares."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from octrepro.datasets.npz import MedmnistFile
from octrepro.datasets.phantom import generate
from octrepro.datasets.phantom.anatomy import CNV, DME, NORMAL, draw_anatomy
from octrepro.datasets.phantom.generation import CLASS_SHARES
from octrepro.datasets.phantom.randomness import SPECKLE_ONE, Stream, exact_quantile, speckle_quantiles
from octrepro.datasets.phantom.scan import FACTOR, SIDE, render, shrink
from tests.datasets.archives import write_npz

SHA256 = "de6abc71f9f36ae8c1358e1ad5fee45a8f4c8c0dfca50b4f317642b691c109e5"
"""Of a phantom of 300, 40 and 60 scans from seed 42. It changes when the drawing changes, and only then."""


def test_the_drawing_has_not_changed() -> None:
    digest = hashlib.sha256()
    for name, array in generate(42, 300, 40, 60).items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
    assert digest.hexdigest() == SHA256


def test_another_seed_gives_other_scans() -> None:
    one, two = generate(42, 40, 4, 4), generate(43, 40, 4, 4)
    assert not np.array_equal(one["train_images"], two["train_images"])


def test_splits_share_no_scan() -> None:
    arrays = generate(42, 60, 60, 60)
    images = np.concatenate([arrays[f"{split}_images"] for split in ("train", "val", "test")])
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == 180


def test_it_is_in_the_format_it_is_read_in(tmp_path: Path) -> None:
    path = tmp_path / "phantom.npz"
    write_npz(path, generate(7, 120, 40, 40))
    source = MedmnistFile(path)
    assert source.check(classes=4) == 4
    assert source.image_shape == (28, 28)


def test_class_shares_are_those_of_octmnist() -> None:
    arrays = generate(42, 600, 70, 100)
    for split, count in (("train", 600), ("val", 70)):
        expected = np.array(CLASS_SHARES) / sum(CLASS_SHARES) * count
        assert np.abs(np.bincount(arrays[f"{split}_labels"][:, 0]) - expected).max() < 1
    assert np.bincount(arrays["test_labels"][:, 0]).tolist() == [25, 25, 25, 25]


def test_labels_are_in_random_order() -> None:
    labels = generate(42, 400, 4, 4)["train_labels"][:, 0]
    assert len(np.flatnonzero(np.diff(labels.astype(int)))) > 150


@pytest.fixture(scope="module")
def scans() -> dict[int, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    """Fifty scans of each class, without the class's noise in the labels mattering."""
    return {
        label: shrink(
            render(draw_anatomy(Stream(3, label), np.full(50, label), SIDE * FACTOR), Stream(3, label, 1))
        )
        for label in range(4)
    }


def test_the_vitreous_is_dark_and_the_band_bright(scans: dict[int, np.ndarray]) -> None:
    mean = scans[NORMAL].mean(axis=(0, 2))
    assert mean[4:8].mean() < 30
    assert mean[14:18].max() > 2.5 * mean[4:8].mean()
    assert mean[24:].mean() < 0.6 * mean.max()


def test_lesions_change_the_picture_where_they_lie(scans: dict[int, np.ndarray]) -> None:
    mean = {label: pictures.mean(axis=0) for label, pictures in scans.items()}
    above_retina = slice(8, 11)
    assert mean[DME][above_retina, 8:20].mean() > 1.15 * mean[NORMAL][above_retina, 8:20].mean()
    assert mean[CNV][11:15, 8:20].mean() > 1.05 * mean[NORMAL][11:15, 8:20].mean()


def test_speckle_has_mean_one_and_the_gamma_distribution() -> None:
    for looks in (1, 2, 16):
        table = speckle_quantiles(looks) / SPECKLE_ONE
        assert table.mean() == pytest.approx(1, abs=0.01)
        assert table.std() == pytest.approx(looks**-0.5, rel=0.05)
        assert (np.diff(table) > 0).all()


def test_no_speckle_quantile_sits_on_the_edge_of_rounding() -> None:
    """A last-bit difference of `exp` between machines must not turn an entry into its neighbor."""
    for looks in (2, 16):
        for i in range(256):
            value = exact_quantile((i + 0.5) / 256, looks) / looks * SPECKLE_ONE
            assert abs(value % 1 - 0.5) > 1e-6


def test_random_words_are_those_numpy_promises() -> None:
    assert Stream(42).bytes(8).tobytes() == np.random.PCG64(42).random_raw(1).astype("<u8").tobytes()
    draws = Stream(1).uniform(2.0, 5.0, 1000)
    assert draws.dtype == np.float32
    assert 2 <= draws.min() < 2.02 < 4.98 < draws.max() < 5
    assert sorted(Stream(1).permutation(50).tolist()) == list(range(50))
