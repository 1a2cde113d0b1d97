"""What a kill leaves half written is repaired; what else is wrong in dvc.lock stays, with a message."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml

from octrepro.core import UserError
from octrepro.pipeline.repair import BEFORE, HEAD, repair

STAGES = ("boolean", "fetch@phantom", "train@phantom-mlp")
LOCK_FILE = "dvc.lock"


def entry(stage: str, digit: str = "a") -> str:
    md5 = digit * 32
    return f"  {stage}:\n    cmd: c\n    outs:\n    - path: out/{stage}\n      hash: md5\n      md5: {md5}\n"


WHOLE = HEAD + "".join(map(entry, STAGES))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder whose committed dvc.lock is WHOLE."""
    write(tmp_path, WHOLE)
    commit = ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "m"]
    for arguments in (["init", "--quiet"], ["add", LOCK_FILE], commit):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return tmp_path


def write(project: Path, text: str) -> None:
    (project / LOCK_FILE).write_text(text)


def read(project: Path) -> str:
    return (project / LOCK_FILE).read_text()


@pytest.mark.parametrize("length", range(0, len(WHOLE), 7))
def test_repairs_a_lock_cut_off_anywhere(project: Path, length: int) -> None:
    write(project, WHOLE[:length])
    done = repair(project)
    if done:
        assert read(project) == WHOLE
        assert (project / BEFORE).read_text() == WHOLE[:length]
    else:
        assert read(project) == WHOLE[:length]
        assert set(yaml.safe_load(WHOLE[:length])["stages"]) <= set(STAGES)
    assert repair(project) == []


@pytest.mark.parametrize("where", ["cache", "place"])
def test_keeps_proved_uncommitted_entries(project: Path, where: str) -> None:
    digest = "d41d8cd98f00b204e9800998ecf8427e"  # of nothing
    newer = HEAD + entry(STAGES[0]).replace("a" * 32, digest) + entry(STAGES[1], "b")[:-9]
    write(project, newer)
    with pytest.raises(UserError, match="line 9"):
        repair(project)
    assert read(project) == newer
    path = (
        project / {"cache": f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}", "place": "out/boolean"}[where]
    )
    path.parent.mkdir(parents=True)
    path.touch()
    assert repair(project) != []
    assert read(project) == WHOLE.replace("a" * 32, digest, 1)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (WHOLE.replace("  fetch@", "<<<<<<< HEAD\n  fetch@"), 9),
        ("<<<<<<< HEAD\n" + WHOLE, 1),
        (WHOLE.replace("  train@", "  train@phantom-mlp:\n=======\n  train@"), 16),
        (WHOLE + "  new:\n    cmd: [\n    outs:\n", 24),
        (WHOLE.replace("    cmd: c\n", "    cmd: [\n", 1), 6),
        ("garbage: [", 2),
        ("garbage: 1\n", 1),
        (WHOLE + "  new:\n    cmd: [\n  other:\n    cmd: c\n", 24),
    ],
)
def test_refuses_to_repair_other_damage(project: Path, text: str, line: int) -> None:
    write(project, text)
    with pytest.raises(UserError) as raised:
        repair(project)
    assert f"dvc.lock cannot be read: line {line}: " in str(raised.value)
    assert "git checkout dvc.lock" in str(raised.value)
    assert read(project) == text


def test_command_line_gives_an_exit_code(project: Path) -> None:
    write(project, "<<<<<<< HEAD\n" + WHOLE)
    command = [sys.executable, "-m", "octrepro", "repair"]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "git checkout dvc.lock" in result.stderr
    assert "Traceback" not in result.stderr
    write(project, WHOLE)
    assert (
        subprocess.run(command, cwd=project, capture_output=True, check=True).stdout
        == b"Nothing to repair.\n"
    )


def test_without_a_commit_an_empty_lock_is_removed(tmp_path: Path) -> None:
    write(tmp_path, "")
    assert len(repair(tmp_path)) == 1
    assert not (tmp_path / LOCK_FILE).exists()
    assert (tmp_path / BEFORE).read_text() == ""


class TestReadersAndWriters:
    """DVC's list of processes, in DVC's own format."""

    @pytest.fixture
    def listed(self, tmp_path: Path) -> Path:
        path = tmp_path / ".dvc/tmp/rwlock"
        path.parent.mkdir(parents=True)
        return path

    @staticmethod
    def content(pid: int) -> str:
        info = {"pid": pid, "cmd": "dvc repro"}
        return json.dumps({"write": {"/a": info}, "read": {"/b": [info]}})

    def test_dead_processes_hold_nothing(self, tmp_path: Path, listed: Path) -> None:
        zombie = subprocess.Popen(["true"])  # not waited for, so it stays as a zombie
        while psutil.Process(zombie.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        listed.write_text(self.content(zombie.pid))
        assert len(repair(tmp_path)) == 1
        assert not listed.exists()
        zombie.wait()

    @pytest.mark.parametrize("content", ["", '{"write": {"/a', "\udcff"])
    def test_cut_off_list_is_removed(self, tmp_path: Path, listed: Path, content: str) -> None:
        listed.write_text(content, errors="surrogateescape")
        assert len(repair(tmp_path)) == 1
        assert not listed.exists()

    def test_another_process_that_got_the_number_holds_nothing(self, tmp_path: Path, listed: Path) -> None:
        listed.write_text(self.content(os.getpid()))
        os.utime(listed, (1, 1))
        assert len(repair(tmp_path)) == 1

    def test_living_process_is_waited_for(
        self, tmp_path: Path, listed: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        living = subprocess.Popen(["sleep", "1"])
        listed.write_text(self.content(living.pid))
        repair(tmp_path)
        assert psutil.Process(living.pid).status() == psutil.STATUS_ZOMBIE
        assert "DVC is running in this folder: waiting" in capsys.readouterr().err
        living.wait()
