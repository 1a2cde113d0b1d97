"""The .npz reader takes what is in MedMNIST's format and refuses the rest in one message."""

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octrepro.core import UserError
from octrepro.datasets import npz
from octrepro.datasets.npz import SPLITS, MedmnistFile
from tests.datasets.archives import Arrays, save, small_set


def _read(path: Path, classes: int | None = None) -> Arrays:
    """All that a file holds, images flat."""
    source = MedmnistFile(path)
    labels = {f"{split}_labels": each for split, each in source.labels(classes).items()}
    return {f"{split}_images": source.images(split) for split in SPLITS} | labels


def _refused(path: Path, *words: str, classes: int | None = None) -> None:
    with pytest.raises(UserError) as caught:
        _read(path, classes)
    for word in (str(path), *words):
        assert word in str(caught.value)


def _assert_same(found: Arrays, arrays: Arrays) -> None:
    for key, array in arrays.items():
        flat = array.reshape(len(array), -1)
        np.testing.assert_array_equal(found[key], flat if "images" in key else flat[:, 0])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", ["i1", "u2", "i8", ">i4"])
def test_reads_back_what_was_saved(tmp_path: Path, channels: int, dtype: str) -> None:
    arrays = small_set(channels=channels)
    saved = {key: np.asfortranarray(array) if "test" in key else array for key, array in arrays.items()}
    saved["val_labels"] = arrays["val_labels"].reshape(-1).astype(dtype)
    found = _read(save(tmp_path / "set.npz", saved))
    _assert_same(found, arrays)
    assert found["val_labels"].dtype == np.int64


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("train_images", np.zeros((30, 28, 28)), ("train_images is float64", "uint8")),
        ("train_images", np.zeros((30, 64, 64), np.uint8), ("(30, 64, 64)", "(n, 28, 28)")),
        ("test_images", np.zeros((12, 28, 28, 3), np.uint8), ("test_images", "for all RGB")),
        ("val_images", np.zeros((0, 28, 28), np.uint8), ("(0, 28, 28)", "n up to 1,000,000")),
        ("test_labels", np.zeros((11, 1), np.uint8), ("shape (11, 1) for 12 images", "one class")),
        ("train_labels", np.full((30, 1), np.nan), ("float64", "integer")),
        ("val_labels", np.full((9, 1), -1), ("val_labels holds the label -1", "0 to 2")),
        ("train_labels", np.full((30, 1), 2**62), (f"the label {2**62}", "0 to 999")),
        ("train_labels", np.arange(30)[:, None] % 2 * 2, ("no image of class 1", "0 to 2")),
    ],
)
def test_refuses_in_one_message(tmp_path: Path, key: str, value: Any, words: tuple[str, ...]) -> None:
    _refused(save(tmp_path / "set.npz", {**small_set(), key: np.asarray(value)}), *words)


def test_every_array_and_every_declared_class_is_needed(tmp_path: Path) -> None:
    path = save(tmp_path / "set.npz", small_set())
    _refused(path, "holds the label 2", classes=2)
    _refused(path, "no image of class 3", classes=4)
    for key in small_set():
        others = {name: array for name, array in small_set().items() if name != key}
        _refused(save(path, others), f"{key}.npy")


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    witness = tmp_path / "ran"

    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(witness),)

    hostile = np.array([Hostile()] * 30, dtype=object)
    for key in small_set():
        _refused(save(tmp_path / "set.npz", {**small_set(), key: hostile}), f"{key} ")
    assert not witness.exists()


def test_what_is_too_large_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npz, "MAX_SAMPLES", 29)
    monkeypatch.setattr(np, "load", None)
    _refused(save(tmp_path / "set.npz", small_set()), "shape (30, 28, 28)", "n up to 29")


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    _refused(tmp_path, "Is a directory")
    path.write_bytes(b"not an archive")
    _refused(path, "cannot be read")
    _refused(save(path, small_set(), zipfile.ZIP_LZMA), "packed in a way")


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_archives_give_a_message(tmp_path: Path, data: st.DataObject) -> None:
    """Cut, overwritten and repeated bytes anywhere in the archive."""
    damaged = bytearray(save(tmp_path / "set.npz", small_set()).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(0, len(damaged) - 1)) | st.integers(-2000, -1))
        some = data.draw(st.binary(min_size=1, max_size=8))
        end = data.draw(st.sampled_from([place, place + len(some), None]))
        damaged[place:end] = data.draw(st.sampled_from([some, b""]))
    path = tmp_path / "damaged.npz"
    path.write_bytes(damaged)
    try:
        found = _read(path)
    except UserError as error:
        assert str(path) in str(error)
    else:  # the checksums saw no change, nor is there any
        _assert_same(found, small_set())
