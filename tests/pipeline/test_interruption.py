"""Killed at any moment, a build goes on where it was and comes to the same bytes."""

from __future__ import annotations

import hashlib
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from octrepro.core import UserError
from octrepro.core.files import atomic_directory, atomic_path, write_bytes
from octrepro.pipeline.repair import repair
from tests.pipeline.conftest import Project, make_project, wait_until

SEED = 6
KILLS = 50
RUNS = ("perceptron", "mlp", "torch_logistic_lr0_01")
OUTPUTS = ("data", "results", "runs", "report/build")
# Lines that name stages that ran: DVC's own, and those of our parallel build.
RAN = (re.compile(r"^Running stage '(.+)':", re.MULTILINE), re.compile(r"^\[.+\] (.+?)  \(", re.MULTILINE))


def files(project: Project) -> dict[str, str]:
    """The hash of every output file, unfinished ones included."""
    return {
        path.relative_to(project.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in OUTPUTS
        for path in (project.folder / part).rglob("*")
        if path.is_file()
    }


def finished(project: Project) -> set[str]:
    """The stages that dvc.lock has."""
    path = project.folder / "dvc.lock"
    return set(yaml.safe_load(path.read_text())["stages"]) if path.exists() else set()


def killed_after(project: Project, command: list[str], seconds: float) -> str | None:
    """Run, kill the whole process group after so many seconds; what was printed, None if it ended before."""
    log = project.folder / "build.log"
    with log.open("w") as printed:
        process = subprocess.Popen(
            command,
            cwd=project.folder,
            env=project.environment(),
            stdout=printed,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            wait_until(lambda: project.processes() == [])
            return log.read_text()
    assert code == 0, log.read_text()
    return None


def start_over(project: Project) -> None:
    """Forget all that was built."""
    for part in (*OUTPUTS, "dvc.lock", ".dvc/cache", ".dvc/tmp", "build"):
        path = project.folder / part
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


@pytest.mark.endurance
def test_fifty_kills_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", runs=RUNS)
    whole = project.copy(tmp_path / "whole")
    whole.dvc("repro")
    expected = files(whole)
    commands = (
        [sys.executable, "-m", "octrepro", "build", "phantom", "--jobs", "2"],
        ["dvc", "repro"],
    )
    moments = random.Random(SEED)
    for kill in range(KILLS):
        # What DVC left half written is repaired, as by every build of ours.
        repair(project.folder)
        before = finished(project)
        printed = killed_after(project, commands[kill % 2], moments.uniform(0.5, 5.0))
        if printed is None:
            assert files(project) == expected
            start_over(project)
            continue
        ran = {stage for line in RAN for found in line.findall(printed) for stage in found.split(" + ")}
        assert not ran & before, f"kill {kill}: finished stages were run again"
        if not any("dvc.lock" in line for line in repair(project.folder)):
            assert before <= finished(project), f"kill {kill}: finished stages were lost"
        for path, digest in files(project).items():
            whole_or_marked = path.endswith(".partial") or ".partial/" in path or expected.get(path) == digest
            assert whole_or_marked, f"kill {kill} left half of {path}"
    repair(project.folder)
    project.dvc("repro")
    assert files(project) == expected
    assert project.changed_stages() == set()


@pytest.fixture
def small_disk() -> int:
    """A disk that takes no more than this many bytes a file, for children of this process."""
    return 4096


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, small_disk: int) -> None:
    script = (
        "import signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"  # as a full disk: an error, no signal
        "from octrepro.core import UserError\n"
        "from octrepro.core.files import write_bytes\n"
        "try: write_bytes('out/file.bin', b'x' * 100_000)\n"
        "except UserError as error: print(error); sys.exit(1)\n"
    )
    (tmp_path / "out").mkdir()
    (tmp_path / "out/file.bin").write_bytes(b"from before")
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (small_disk, small_disk)),
    )
    assert result.returncode == 1
    assert "cannot write out/file.bin: File too large" in result.stdout
    assert "room on the disk" in result.stdout
    assert "Traceback" not in result.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == {
        "file.bin": b"from before"
    }


@pytest.mark.parametrize("code", ["ENOSPC", "EROFS", "EACCES", "EDQUOT"])
def test_whatever_the_system_refuses_is_told_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    import errno

    number = getattr(errno, code)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(UserError) as told:
        write_bytes(tmp_path / "file", b"content")
    assert os.strerror(number) in str(told.value)
    assert "file" in str(told.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told_to_a_person(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="Permission denied"):
        write_bytes(tmp_path / "file", b"content")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting takes root")
def test_a_read_only_folder_is_told_to_root(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine allows no mount")
    try:
        with pytest.raises(UserError, match="Read-only file system"):
            write_bytes(folder / "file", b"content")
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_failure_within_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("before")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/old").write_text("before")
    with pytest.raises(ZeroDivisionError), atomic_path(tmp_path / "file") as path:
        path.write_text("half")
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), atomic_directory(tmp_path / "folder") as path:
        (path / "new").write_text("half")
        raise ZeroDivisionError
    found = {p.relative_to(tmp_path).as_posix(): p.read_text() for p in tmp_path.rglob("*") if p.is_file()}
    assert found == {"file": "before", "folder/old": "before"}
