"""The .npz reader takes what is in MedMNIST's format and refuses the rest in one message."""

import os
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octrepro.core import UserError
from octrepro.datasets import npz
from octrepro.datasets.npz import MAX_SAMPLES, MedmnistFile
from tests.datasets.archives import Arrays, npy, save, save_members, small_set


@pytest.mark.parametrize("channels", [1, 3])
def test_reads_back_what_was_saved(tmp_path: Path, channels: int) -> None:
    arrays = small_set(channels=channels)
    source = MedmnistFile(save(tmp_path / "set.npz", arrays))
    assert source.check() == 3
    assert source.samples == {"train": 30, "val": 9, "test": 12}
    for split in ("train", "val", "test"):
        images = source.images(split)
        np.testing.assert_array_equal(images, arrays[f"{split}_images"].reshape(len(images), -1))
        np.testing.assert_array_equal(source.labels(split), arrays[f"{split}_labels"][:, 0])


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, ">i4"])
def test_labels_may_be_flat_and_of_any_integer_type(tmp_path: Path, dtype: str) -> None:
    arrays = small_set()
    for split in ("train", "val", "test"):
        arrays[f"{split}_labels"] = arrays[f"{split}_labels"][:, 0].astype(dtype)
    source = MedmnistFile(save(tmp_path / "set.npz", arrays))
    assert source.labels("val").tolist() == [0, 1, 2] * 3
    assert source.labels("val").dtype == np.int64


def test_arrays_may_be_in_fortran_order(tmp_path: Path) -> None:
    arrays = small_set()
    path = save(tmp_path / "set.npz", {key: np.asfortranarray(array) for key, array in arrays.items()})
    np.testing.assert_array_equal(MedmnistFile(path).images("val"), arrays["val_images"].reshape(9, 784))


def _with(key: str, value: object) -> Arrays:
    return {**small_set(), key: np.asarray(value)}


_IMAGES = np.zeros((30, 28, 28))
_NAN = np.where(np.arange(784).reshape(28, 28) == 0, np.nan, _IMAGES)
_REFUSED = {
    "float images": (_with("train_images", _IMAGES), "train_images has dtype float64", "uint8"),
    "NaN": (_with("train_images", _NAN), "train_images has dtype float64", "no NaN"),
    "signed images": (
        _with("val_images", np.zeros((9, 28, 28), np.int8)),
        "val_images has dtype int8",
        "uint8",
    ),
    "side": (_with("train_images", np.zeros((30, 64, 64), np.uint8)), "(30, 64, 64)", "(n, 28, 28)"),
    "four channels": (
        _with("train_images", np.zeros((30, 28, 28, 4), np.uint8)),
        "(30, 28, 28, 4)",
        "28, 3)",
    ),
    "flat": (_with("train_images", np.zeros((30, 784), np.uint8)), "(30, 784)", "(n, 28, 28)"),
    "number": (_with("train_images", np.uint8(3)), "train_images has shape ()", "(n, 28, 28)"),
    "colors differ": (
        _with("test_images", np.zeros((12, 28, 28, 3), np.uint8)),
        "test_images",
        "(28, 28), as",
    ),
    "empty": (
        {**_with("val_images", np.zeros((0, 28, 28), np.uint8)), "val_labels": np.zeros((0, 1), np.uint8)},
        "val_images claims 0 images",
        "1 to 1,000,000",
    ),
    "fewer labels": (_with("test_labels", np.zeros((11, 1), np.uint8)), "11 labels for 12 images", "as many"),
    "one-hot": (
        _with("train_labels", np.zeros((30, 3), np.uint8)),
        "train_labels has shape (30, 3)",
        "(n, 1)",
    ),
    "scalar label": (_with("train_labels", np.uint8(1)), "train_labels has shape ()", "(n,)"),
    "float labels": (_with("train_labels", np.full((30, 1), np.nan)), "dtype float64", "integer"),
    "negative": (_with("val_labels", np.full((9, 1), -1)), "val_labels holds the label -1", "0 to 2"),
    "out of range": (_with("test_labels", np.full((12, 1), 3)), "test_labels holds the label 3", "0 to 2"),
    "far out": (_with("train_labels", np.full((30, 1), 2**62)), f"the label {2**62}", "0 to 999"),
    "class missing": (_with("train_labels", np.arange(30)[:, None] % 2 * 2), "no image of class 1", "0 to 2"),
    "one class": (_with("train_labels", np.zeros((30, 1), int)), "one class only", "two classes"),
    "objects": (_with("train_labels", np.array([{}] * 30)), "pickled Python objects", "numbers"),
}


@pytest.mark.parametrize("case", _REFUSED)
def test_refuses_in_one_message(tmp_path: Path, case: str) -> None:
    arrays, what, expected = _REFUSED[case]
    path = save(tmp_path / "set.npz", arrays)
    with pytest.raises(UserError) as caught:
        MedmnistFile(path).check()
    assert what in str(caught.value)
    assert expected in (caught.value.expected or "")
    assert str(path) in caught.value.what


@pytest.mark.parametrize("key", small_set())
def test_every_array_is_needed(tmp_path: Path, key: str) -> None:
    arrays = small_set()
    del arrays[key]
    with pytest.raises(UserError, match=f"{key} is missing"):
        MedmnistFile(save(tmp_path / "set.npz", arrays))


def test_declared_classes_are_held_to(tmp_path: Path) -> None:
    source = MedmnistFile(save(tmp_path / "set.npz", small_set()))
    with pytest.raises(UserError, match="holds the label 2"):
        source.check(classes=2)
    with pytest.raises(UserError, match="no image of class 3"):
        source.check(classes=4)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    witness = tmp_path / "ran"

    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(witness),)

    hostile = np.array([Hostile()] * 30, dtype=object)
    for key in small_set():
        path = save(tmp_path / "set.npz", {**small_set(), key: hostile})
        with pytest.raises(UserError, match="never loaded"):
            MedmnistFile(path).check()
    assert not witness.exists()


@cache
def _members() -> dict[str, bytes]:
    return {f"{name}.npy": npy(array) for name, array in small_set().items()}


@pytest.mark.parametrize("count", [MAX_SAMPLES + 1, 10**15, 10**17])
def test_a_header_cannot_claim_what_is_not_there(tmp_path: Path, count: int) -> None:
    header = npy(np.zeros((30, 28, 28), np.uint8))
    claimed = header[:128].replace(b"(30, 28, 28)", f"({count}, 28, 28)".encode())
    padded = claimed.rstrip(b" \n").ljust(127) + b"\n"
    path = save_members(tmp_path / "set.npz", {**_members(), "train_images.npy": padded[:128] + bytes(100)})
    with pytest.raises(UserError, match="claims shape"):
        MedmnistFile(path)


def test_a_zip_bomb_is_refused_before_it_unfolds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 100_001
    monkeypatch.setattr(npz, "MAX_SAMPLES", count - 1)
    start = npy(np.zeros((1, 28, 28), np.uint8))[:128].replace(b"(1, 28, 28)", f"({count}, 28, 28)".encode())
    path = tmp_path / "bomb.npz"
    save_members(path, {key: data for key, data in _members().items() if key != "train_images.npy"})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("train_images.npy", "w") as member,
    ):
        member.write(start.rstrip(b" \n").ljust(127) + b"\n")
        member.write(bytes(count * 784))
    assert path.stat().st_size < 200_000
    with pytest.raises(UserError, match="claims 100,001 images"):
        MedmnistFile(path)


def test_members_named_twice_are_refused(tmp_path: Path) -> None:
    path = save_members(tmp_path / "set.npz", _members())
    with (
        zipfile.ZipFile(path, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        archive.writestr("train_labels.npy", npy(np.zeros(30, np.uint8)))
    with pytest.raises(UserError, match="more than once"):
        MedmnistFile(path)


@pytest.mark.parametrize("name", ["../train_images.npy", "/etc/passwd", "ﬁ.npy"])
def test_hostile_names_are_never_written(tmp_path: Path, name: str) -> None:
    path = save_members(tmp_path / "set.npz", {**_members(), name: b"x"})
    before = sorted(tmp_path.parent.iterdir())
    MedmnistFile(path).check()
    assert sorted(tmp_path.parent.iterdir()) == before
    assert os.listdir(tmp_path) == ["set.npz"]


def test_every_way_of_packing_but_two_is_refused(tmp_path: Path) -> None:
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        path = tmp_path / "set.npz"
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, data in _members().items():
                archive.writestr(name, data)
        with pytest.raises(UserError, match="packed in a way"):
            MedmnistFile(path)


@pytest.mark.parametrize("what", ["nothing", "folder", "text", "empty"])
def test_other_files_are_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / "set.npz"
    if what == "folder":
        path.mkdir()
    elif what != "nothing":
        path.write_text("not an archive" if what == "text" else "")
    with pytest.raises(UserError, match=r"set\.npz"):
        MedmnistFile(path)


FUZZED = 400
"""Damaged files tried by each of the two tests below, 800 in all."""
_quick = settings(
    max_examples=FUZZED,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _read_all(path: Path) -> bool:
    """Read a file; whether it was accepted. Anything but acceptance or a message fails the test."""
    try:
        MedmnistFile(path).check()
    except UserError as error:
        assert str(path) in str(error)
        return False
    return True


@_quick
@given(data=st.data())
def test_damaged_archives_give_a_message(tmp_path: Path, data: st.DataObject) -> None:
    """Cut, overwritten and repeated bytes anywhere in the archive."""
    whole = (save_members(tmp_path / "set.npz", _members())).read_bytes()
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(0, len(damaged) - 1)) | st.integers(-2000, -1))
        kind = data.draw(st.sampled_from(["cut", "set", "insert", "drop"]))
        some = data.draw(st.binary(min_size=1, max_size=8))
        if kind == "cut":
            del damaged[place:]
        elif kind == "set":
            damaged[place : place + len(some)] = some
        elif kind == "insert":
            damaged[place:place] = some
        else:
            del damaged[place : place + len(some)]
    path = tmp_path / "damaged.npz"
    path.write_bytes(damaged)
    if _read_all(path):
        # Whatever still passes must hold the same numbers: the checksums saw no change.
        for split in ("train", "val", "test"):
            images = MedmnistFile(path).images(split)
            np.testing.assert_array_equal(images, small_set()[f"{split}_images"].reshape(len(images), -1))


@_quick
@given(
    key=st.sampled_from(sorted(small_set())),
    header=st.text(max_size=60)
    | st.builds(
        "{{'descr': {!r}, 'fortran_order': {!r}, 'shape': {!r}}}".format,
        st.sampled_from(["|u1", "<i8", "|O", "<f8", "|V784", "<U3", "<M8[s]", ">i2", "|b1", "", "x"])
        | st.lists(st.tuples(st.text(max_size=3), st.sampled_from(["|u1", "|O"])), max_size=3),
        st.booleans() | st.integers(),
        st.lists(st.integers(-2, 2**70) | st.sampled_from([28, 30, 9, 12, 0, 1]), max_size=5).map(tuple),
    ),
    version=st.sampled_from([(1, 0), (2, 0), (3, 0), (9, 9)]),
    body=st.binary(max_size=64),
)
def test_hostile_headers_give_a_message(
    tmp_path: Path, key: str, header: str, version: tuple[int, int], body: bytes
) -> None:
    """Any text in the place of an array's header."""
    text = header.encode("utf-8", "replace")
    length = len(text).to_bytes(2 if version[0] == 1 else 4, "little")
    member = b"\x93NUMPY" + bytes(version) + length + text + body
    path = save_members(tmp_path / "set.npz", {**_members(), f"{key}.npy": member})
    _read_all(path)
