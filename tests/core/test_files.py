"""Outputs appear whole or not at all."""

import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from octrepro.core import UserError
from octrepro.core.files import atomic_directory, atomic_path, to_json, write_npz, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_new_takes_the_old_ones_place_whole_when_the_block_ends(tmp_path: Path) -> None:
    for name in ("old", "new"):
        with atomic_path(tmp_path / "deep" / "file") as file, atomic_directory(tmp_path / "folder") as folder:
            file.write_text(name)
            (folder / name).touch()
            assert not (tmp_path / "folder" / "new").exists()
        assert (tmp_path / "deep" / "file").read_text() == name
        assert names(tmp_path / "folder") == [name]
    assert names(tmp_path) == ["deep", "folder"]
    assert names(tmp_path / "deep") == ["file"]


def test_a_failure_keeps_what_was_there_and_leaves_nothing(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "old")
    write_text(tmp_path / "folder" / "old", "")
    with (
        pytest.raises(ZeroDivisionError),
        atomic_path(tmp_path / "file") as file,
        atomic_directory(tmp_path / "folder") as folder,
    ):
        file.write_text("half")
        (folder / "new").touch()
        raise ZeroDivisionError
    assert (tmp_path / "file").read_text() == "old"
    assert names(tmp_path / "folder") == ["old"]
    assert names(tmp_path) == ["file", "folder"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    script = (
        "import os\nfrom octrepro.core.files import atomic_path\n"
        "with atomic_path('file') as temporary:\n    temporary.write_text('half')\n    os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=False)
    assert len(names(tmp_path)) == 1
    write_text(tmp_path / "file", "whole")
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.ENOSPC, r"^the disk is full: cannot write [^$]*make room"),
        (errno.EROFS, r"^cannot write .*: Read-only file system"),
    ],
)
def test_what_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path, code: int, expected: str) -> None:
    with pytest.raises(UserError, match=expected), atomic_path(tmp_path / "file") as temporary:
        temporary.write_text("half")
        raise OSError(code, os.strerror(code))
    assert names(tmp_path) == []


def test_json_is_canonical_and_refuses_what_it_would_garble() -> None:
    text = to_json({"b": float("nan"), "a": (1, 2.5, None, True), "c": "é"})
    assert text == '{\n  "b": null,\n  "a": [\n    1,\n    2.5,\n    null,\n    true\n  ],\n  "c": "é"\n}\n'
    with pytest.raises(TypeError, match="set"):
        to_json({"a": {1, 2}})


def test_an_archive_of_arrays_is_the_same_bytes_from_every_release_of_python(tmp_path: Path) -> None:
    write_npz(tmp_path / "a.npz", {"x": np.arange(3, dtype=np.int64)})
    found = hashlib.sha256((tmp_path / "a.npz").read_bytes()).hexdigest()
    assert found == "cdf8c0612c830f50c6484e4e0103ce26cded67860f26a09605842bc5e51f8a8f"
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert arrays["x"].tolist() == [0, 1, 2]
