"""Outputs appear whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from octrepro.core import UserError
from octrepro.core.files import atomic_directory, atomic_path, read_json, to_json, write_json, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file.txt"
    with atomic_path(target) as temporary:
        temporary.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert names(target.parent) == ["file.txt"]


def test_a_failure_keeps_the_old_file_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "file.txt"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "old"
    assert names(tmp_path) == ["file.txt"]


def test_a_directory_replaces_the_old_one_whole(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "old").touch()
    with atomic_directory(target) as temporary:
        (temporary / "new").touch()
        assert names(target) == ["old"]
    assert names(target) == ["new"]
    assert names(tmp_path) == ["folder"]


def test_a_failure_keeps_the_old_directory(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "old").touch()
    with pytest.raises(ZeroDivisionError), atomic_directory(target) as temporary:
        (temporary / "new").touch()
        raise ZeroDivisionError
    assert names(target) == ["old"]
    assert names(tmp_path) == ["folder"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".file.txt.abc.partial").write_text("half")
    write_text(tmp_path / "file.txt", "whole")
    assert names(tmp_path) == ["file.txt"]


def test_files_have_the_mode_of_any_new_file(tmp_path: Path) -> None:
    write_text(tmp_path / "ours", "")
    (tmp_path / "theirs").touch()
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "theirs").stat().st_mode
    )


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path, code: int) -> None:
    with (
        pytest.raises(UserError, match="the disk is full: cannot write") as caught,
        atomic_path(tmp_path / "file") as temporary,
    ):
        temporary.write_text("half")
        raise OSError(code, os.strerror(code))
    assert "make room" in str(caught.value)
    assert names(tmp_path) == []


def test_file_size_limit_keeps_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"  # as a full disk: an error, no signal
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from octrepro.core.files import UserError, write_text\n"
        "try: write_text('file', 'x' * 100_000)\n"
        "except UserError as error: sys.exit(str(error))\n"
    )
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "cannot write file: File too large" in result.stderr
    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "old"


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting takes root")
def test_a_read_only_disk_is_reported(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine allows no mount")
    try:
        with pytest.raises(UserError, match="Read-only file system"):
            write_text(tmp_path / "file", "content")
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"^cannot write"), atomic_path(tmp_path / "file" / "below"):
        pass


def test_json_is_canonical() -> None:
    text = to_json({"b": float("nan"), "a": (1, 2.5, None, True), "c": "é"})
    assert text.endswith("}\n")
    assert json.loads(text) == {"b": None, "a": [1, 2.5, None, True], "c": "é"}
    assert list(json.loads(text)) == ["b", "a", "c"]


def test_json_refuses_what_it_would_garble() -> None:
    with pytest.raises(TypeError, match="set"):
        to_json({"a": {1, 2}})


def test_unreadable_json_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="missing"):
        read_json(tmp_path / "x.json")
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(UserError, match="not JSON"):
        read_json(tmp_path / "x.json")
    write_json(tmp_path / "x.json", {"a": 1})
    assert read_json(tmp_path / "x.json") == {"a": 1}
