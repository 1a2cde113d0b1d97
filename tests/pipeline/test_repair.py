"""What a kill leaves half written is repaired; what else is wrong in dvc.lock stays, with a message."""

import json
import os
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from octrepro.core import UserError
from octrepro.pipeline.repair import BEFORE, HEAD, repair

STAGES = ("boolean", "fetch@phantom", "train@phantom-mlp")


def entry(stage: str) -> str:
    md5 = "a" * 32
    return f"  {stage}:\n    cmd: c\n    outs:\n    - path: out/{stage}\n      hash: md5\n      md5: {md5}\n"


WHOLE = HEAD + "".join(map(entry, STAGES))


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A committed dvc.lock, which is WHOLE, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    lock = Path("dvc.lock")
    lock.write_text(WHOLE)
    git("init", "--quiet")
    git("add", "dvc.lock")
    git("commit", "--quiet", "-m", "with a lock file")
    return lock


def git(*arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments], check=True)


def test_a_lock_cut_off_anywhere_is_the_committed_one_again(lock: Path) -> None:
    for length in range(0, len(WHOLE), 5):
        cut = WHOLE[:length]
        lock.write_text(cut)
        if repair(Path()):
            assert lock.read_text() == WHOLE
            assert BEFORE.read_text() == cut
        else:  # It has fewer stages, or fewer outputs of the last, and DVC can read it.
            assert lock.read_text() == cut
            assert cut.endswith("\n")
    lock.write_text("")
    git("rm", "--quiet", "--cached", "dvc.lock")
    git("commit", "--quiet", "-m", "without")
    assert len(repair(Path())) == 1
    assert not lock.exists()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (WHOLE.replace("  fetch@", "<<<<<<< HEAD\n  fetch@"), 9),
        ("<<<<<<< HEAD\n" + WHOLE, 1),
        (WHOLE.replace("  train@", "  train@phantom-mlp:\n=======\n  train@"), 16),
        (WHOLE + "  new:\n    cmd: [\n    outs:\n", 24),
        (WHOLE.replace("    cmd: c\n", "    cmd: [\n", 1), 6),
        (WHOLE.replace("    cmd: c\n", "    command: c\n", 1), 3),
        ("garbage: [", 1),
        ("garbage: 1\n", 1),
        (WHOLE + "  new:\n    cmd: [\n  other:\n    cmd: c\n", 24),
    ],
)
def test_other_damage_is_left_with_a_message_that_names_the_line(lock: Path, text: str, line: int) -> None:
    lock.write_text(text)
    with pytest.raises(UserError) as raised:
        repair(Path())
    assert f"dvc.lock cannot be read: line {line}: " in str(raised.value)
    assert "git checkout dvc.lock" in str(raised.value)
    assert lock.read_text() == text
    assert not BEFORE.exists()


class TestReadersAndWriters:
    """DVC's list of processes, in DVC's own format."""

    @pytest.fixture
    def listed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        path = Path(".dvc/tmp/rwlock")
        path.parent.mkdir(parents=True)
        return path

    @staticmethod
    def content(pid: int) -> str:
        info = {"pid": pid, "cmd": "dvc repro"}
        return json.dumps({"write": {"/a": info}, "read": {"/b": [info]}})

    def test_dead_processes_hold_nothing(self, listed: Path) -> None:
        zombie = subprocess.Popen(["true"])  # not waited for, so it stays as a zombie
        while psutil.Process(zombie.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        listed.write_text(self.content(zombie.pid))
        assert len(repair(Path())) == 1
        assert not listed.exists()
        zombie.wait()

    @pytest.mark.parametrize("content", ["", '{"write": {"/a', "\udcff"])
    def test_cut_off_list_is_removed(self, listed: Path, content: str) -> None:
        listed.write_text(content, errors="surrogateescape")
        assert len(repair(Path())) == 1
        assert not listed.exists()

    def test_another_process_that_got_the_number_holds_nothing(self, listed: Path) -> None:
        listed.write_text(self.content(os.getpid()))
        os.utime(listed, (1, 1))
        assert len(repair(Path())) == 1

    def test_living_process_is_waited_for(self, listed: Path, capsys: pytest.CaptureFixture[str]) -> None:
        living = subprocess.Popen(["sleep", "1"])
        listed.write_text(self.content(living.pid))
        repair(Path())
        assert psutil.Process(living.pid).status() == psutil.STATUS_ZOMBIE
        assert "DVC is running in this folder: waiting" in capsys.readouterr().err
        living.wait()
