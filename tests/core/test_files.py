"""Outputs appear whole or not at all."""

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from octrepro.core import UserError
from octrepro.core.files import (
    atomic_directory,
    atomic_path,
    digest_of,
    read_json,
    to_json,
    write_json,
    write_text,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_the_old_ones_place_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file.txt"
    for content in ("old", "new"):
        before = target.read_text() if target.exists() else None
        with atomic_path(target) as temporary:
            temporary.write_text(content)
            assert (target.read_text() if target.exists() else None) == before
        assert target.read_text() == content
    assert names(target.parent) == ["file.txt"]


def test_a_directory_replaces_the_old_one_whole(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    for name in ("old", "new"):
        with atomic_directory(target) as temporary:
            (temporary / name).touch()
        assert names(target) == [name]
    assert names(tmp_path) == ["folder"]


def test_a_failure_keeps_what_was_there_and_leaves_nothing(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "old")
    with pytest.raises(ZeroDivisionError), atomic_path(tmp_path / "file") as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    write_text(tmp_path / "folder" / "old", "")
    with pytest.raises(ZeroDivisionError), atomic_directory(tmp_path / "folder") as temporary:
        (temporary / "new").touch()
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


def test_outputs_have_the_mode_of_any_new_one(tmp_path: Path) -> None:
    write_text(tmp_path / "ours", "")
    (tmp_path / "theirs").touch()
    with atomic_directory(tmp_path / "our folder"):
        pass
    (tmp_path / "their folder").mkdir()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert (modes["ours"], modes["our folder"]) == (modes["theirs"], modes["their folder"])


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path, code: int) -> None:
    with (
        pytest.raises(UserError, match=r"the disk is full: cannot write[^$]*make room"),
        atomic_path(tmp_path / "file") as temporary,
    ):
        temporary.write_text("half")
        raise OSError(code, os.strerror(code))
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


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"^cannot write"), atomic_path(tmp_path / "file" / "below"):
        pass


def test_json_is_canonical_and_refuses_what_it_would_garble() -> None:
    text = to_json({"b": float("nan"), "a": (1, 2.5, None, True), "c": "é"})
    assert text == '{\n  "b": null,\n  "a": [\n    1,\n    2.5,\n    null,\n    true\n  ],\n  "c": "é"\n}\n'
    with pytest.raises(TypeError, match="set"):
        to_json({"a": {1, 2}})


def test_unreadable_json_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with pytest.raises(UserError, match="missing"):
        read_json(path)
    path.write_text("{")
    with pytest.raises(UserError, match="not JSON"):
        read_json(path)
    write_json(path, {"a": 1})
    assert read_json(path) == json.loads(path.read_text()) == {"a": 1}


def test_a_digest_depends_on_names_and_content(tmp_path: Path) -> None:
    def digest() -> str:
        return digest_of(tmp_path.iterdir(), tmp_path)

    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    before = digest()
    (tmp_path / "b").write_text("3")
    assert digest() != before
    (tmp_path / "b").write_text("2")
    assert digest() == before
    (tmp_path / "b").rename(tmp_path / "c")
    assert digest() != before
