"""What a kill leaves half written is repaired; what else is wrong in dvc.lock stays, with a message."""

import json
import subprocess
from pathlib import Path

import psutil
import pytest

from octrepro.core import UserError
from octrepro.pipeline.repair import BEFORE, HEAD, WHO_READS_AND_WRITES, repair
from tests.pipeline.project import Project, wait_until

STAGES = ("boolean", "fetch@phantom", "train@phantom-mlp")
OUTPUT = f"    outs:\n    - path: o\n      hash: md5\n      md5: {'a' * 32}\n"
WHOLE = HEAD + "".join(f"  {stage}:\n    cmd: c\n{OUTPUT}" for stage in STAGES)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of the test's own, whose committed dvc.lock is WHOLE."""
    monkeypatch.chdir(tmp_path)
    project = Project(tmp_path)
    Path("dvc.lock").write_text(WHOLE)
    project.run("git", "init", "--quiet")
    project.commit()
    WHO_READS_AND_WRITES.parent.mkdir(parents=True)
    return project


def test_a_lock_cut_off_anywhere_is_the_committed_one_again(project: Project) -> None:
    lock = Path("dvc.lock")
    for length in range(0, len(WHOLE), 5):
        cut = WHOLE[:length]
        lock.write_text(cut)
        if repair(Path()):
            assert lock.read_text() == WHOLE
            assert BEFORE.read_text() == cut
        else:  # It has fewer stages, or fewer outputs of the last, and DVC can read it.
            assert lock.read_text() == cut
            assert cut.endswith("\n")
    lock.unlink()
    project.commit("without")
    lock.write_text("")
    assert len(repair(Path())) == 1
    assert not lock.exists()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (WHOLE.replace("  fetch@", "<<<<<<< HEAD\n  fetch@"), 9),
        (WHOLE + "  new:\n    cmd: [\n    outs:\n", 24),
        (WHOLE.replace("    cmd: c\n", "    command: c\n", 1), 3),
        ("garbage: 1\n", 1),
        (WHOLE + "  new:\n    cmd: [\n  other:\n    cmd: c\n", 24),
    ],
)
def test_other_damage_is_left_with_a_message_that_names_the_line(
    project: Project, text: str, line: int
) -> None:
    Path("dvc.lock").write_text(text)
    with pytest.raises(UserError) as raised:
        repair(Path())
    assert f"dvc.lock cannot be read: line {line}: " in str(raised.value)
    assert "git checkout dvc.lock" in str(raised.value)
    assert Path("dvc.lock").read_text() == text
    assert not BEFORE.exists()


def held_by(pid: int) -> str:
    """DVC's list of processes, in DVC's own format."""
    holder = {"pid": pid, "cmd": "dvc repro"}
    return json.dumps({"write": {"/a": holder}, "read": {"/b": [holder]}})


def test_dead_or_foreign_processes_and_lists_cut_off_hold_nothing(project: Project) -> None:
    dead = project.start("true")  # not waited for, so it stays as a zombie
    wait_until(lambda: psutil.Process(dead.pid).status() == psutil.STATUS_ZOMBIE)
    # Another process may have got the number.
    with subprocess.Popen(["sleep", "100"], cwd="/") as foreign:
        for content in (held_by(dead.pid), held_by(foreign.pid), "", '{"write": {"/a', "\udcff"):
            WHO_READS_AND_WRITES.write_text(content, errors="surrogateescape")
            assert len(repair(Path())) == 1
            assert not WHO_READS_AND_WRITES.exists()
        foreign.kill()
