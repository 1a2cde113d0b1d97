"""Builds that are run twice, interrupted, killed or out of space harm nothing and say what happened."""

import json
import os
import random
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from octrepro.core.files import write_text
from octrepro.pipeline.build import AT_WORK, alone
from tests.pipeline.project import Project, make_project, wait_until
from tests.pipeline.toy import ALL, BUILD, RUNS, Toy

pytestmark = [pytest.mark.xdist_group("toy")]

ONE_BY_ONE = (*BUILD[:-1], "1")
MLP = "train@phantom-mlp"


def test_runs_every_stage_once_in_order_and_then_only_what_an_edit_affects(built_toy: Toy) -> None:
    started = built_toy.started()
    assert sorted(started) == sorted(ALL)
    for run in RUNS:
        order = ("fetch@phantom", f"train@phantom-{run}", "report@phantom", "pdf@phantom")
        assert sorted(order, key=started.index) == list(order)
    assert "up to date" in built_toy.run(*BUILD).stdout
    built_toy.edit("experiments.mlp.epochs", 3)
    # DVC runs what comes after the training only if its output has changed, which it has not.
    assert "[  3/3] pdf@phantom" in built_toy.run(*BUILD).stderr
    assert built_toy.started() == [*started, "train@phantom-mlp"]
    assert built_toy.changed_stages() == set()


def test_longest_training_starts_first_and_its_failure_starts_nothing_new(toy: Toy) -> None:
    toy.edit("experiments.mlp.epochs", 100)
    result = toy.run(*ONE_BY_ONE, check=False, FAIL=MLP)
    assert result.returncode == 1
    assert f"The build stopped at {MLP}.\nthe reason why\n" in result.stderr
    assert toy.started() == ["fetch@phantom", MLP]


def test_another_file_under_the_path_of_a_data_set_is_fetched_again(toy: Toy) -> None:
    toy.edit("datasets", {"mine": {"source": "file", "path": "mine.npz", "classes": ["a", "b"]}})
    write_text(toy.folder / "mine.npz", "images")
    copy = "if kind == 'fetch':\n    write_text('data/raw/mine.npz', open('mine.npz').read())\n"
    (toy.folder / "work.py").write_text(toy.text("work.py") + copy)
    build = [*BUILD[:4], "mine"]
    toy.run(*build)
    assert "up to date" in toy.run(*build).stdout
    write_text(toy.folder / "mine.npz", "other images")
    assert "fetch@mine" in toy.run(*build).stderr
    assert toy.text("data/raw/mine.npz") == "other images"
    assert "up to date" in toy.run(*build).stdout


@pytest.mark.parametrize(
    ("first", "said"), [(BUILD, "Another build is running"), (("dvc", "repro"), "DVC is running")]
)
def test_a_build_waits_for_another_and_for_plain_dvc(toy: Toy, first: tuple[str, ...], said: str) -> None:
    other = toy.start(*first, HELD=MLP)
    wait_until(lambda: MLP in toy.started())
    build = toy.start(*BUILD)
    assert build.stderr
    told = build.stderr.readline()
    (toy.folder / "go").touch()
    for process in (other, build):
        process.communicate(timeout=300)
        assert process.returncode == 0
    assert f"{said} in this folder: waiting" in told
    assert sorted(toy.started()) == sorted(ALL)


@pytest.mark.parametrize(
    ("sent", "to_group"), [(signal.SIGINT, True), (signal.SIGINT, False), (signal.SIGKILL, False)]
)
def test_a_stopped_build_takes_its_stages_with_it_and_goes_on(
    toy: Toy, sent: signal.Signals, to_group: bool
) -> None:
    """Ctrl-C goes to all processes of a terminal."""
    # What a shell starts in the background, such as these tests, ignores Ctrl-C.
    build = toy.start("env", "--default-signal=INT", *BUILD, HELD=MLP)
    wait_until(lambda: MLP in toy.started() and len(toy.locked()) == 2)
    (os.killpg if to_group else os.kill)(build.pid, sent)
    _, said = build.communicate(timeout=300)  # the stage itself would wait longer
    wait_until(lambda: not toy.is_running())
    if sent == signal.SIGINT:
        assert build.returncode == 130
        assert said.splitlines()[-1] == "Interrupted: run the same command again to go on from here."
        assert "Traceback" not in said
    finished, started = toy.locked(), toy.started()
    toy.run(*BUILD)
    assert set(toy.started()[len(started) :]) == ALL - finished.keys()
    assert toy.outputs() == ALL


def kill_repeatedly(project: Project, kills: int, longest: float) -> Iterator[set[str]]:
    """Kill builds of ours and of DVC in turn, at seeded moments; yield the stages finished before each.

    A moment lies up to `longest` seconds after DVC began to run a stage, however long that took to come, or
    where it is negative within the first second, when libraries load and DVC's list is cleared. What
    docs/checks.md tells people to do is done for plain DVC alone: our builds need no help after any kill.
    """
    moments = random.Random(6)
    at_work = project.folder / AT_WORK

    def listed() -> str:
        with suppress(FileNotFoundError):
            return at_work.read_text()
        return ""

    def is_under_way(build: subprocess.Popen[str], left: str) -> bool:
        return build.poll() is not None or ('"pid"' in listed() and listed() != left)

    for number in range(kills):
        plain = number % 2 == 1
        if plain:
            at_work.unlink(missing_ok=True)
        before, left, moment = set(project.locked()), listed(), moments.uniform(-1, longest)
        process = project.start(*(("dvc", "repro") if plain else BUILD))
        if moment > 0:
            wait_until(partial(is_under_way, process, left))
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=abs(moment))
        with suppress(ProcessLookupError):  # it may have ended
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        wait_until(lambda: not project.is_running())
        # It reads dvc.lock, and not the list of processes, which is left for our build to find.
        listing = project.dvc("stage", "list", check=False)
        if listing.returncode != 0:
            assert plain, listing.stderr
            (project.folder / "dvc.lock").unlink()
        # DVC may also have cut it off where it can still be read: it has fewer stages then.
        assert plain or before <= project.locked().keys()
        yield before


def test_killed_at_any_moment_loses_nothing_and_repeats_nothing(toy: Toy) -> None:
    started: list[str] = []
    for before in kill_repeatedly(toy, kills=6, longest=3.0):
        assert not set(toy.started()[len(started) :]) & before
        started = toy.started()
    assert started
    toy.run(*BUILD)
    assert toy.outputs() == ALL
    assert toy.changed_stages() == set()


def test_what_a_lost_lock_file_had_comes_from_the_cache(built_toy: Toy) -> None:
    started = built_toy.started()
    (built_toy.folder / "dvc.lock").unlink()
    built_toy.run(*BUILD)
    # DVC's cache has no stage that writes files for git other than metrics and plots.
    assert built_toy.started() == [*started, "pdf@phantom"]


@pytest.mark.parametrize(
    ("pattern", "damage", "said"),
    [
        (r" +cmd: (.|\n)*", "  cm", "could not find expected ':', in line 5,"),
        (
            r"stages:\n",
            "stages:\n<<<<<<< HEAD\n",
            "(possible merge conflicts). while scanning a simple key, in line 3,",
        ),
        (r"cmd", "command", "extra keys not allowed, in stages -> fetch@phantom -> command, line 4,"),
        (r"(.|\n)*", "", "required key not provided, in schema"),
        (r"s", "\0", "control characters are not allowed"),
    ],
)
def test_a_lock_file_that_cannot_be_read_stays_with_a_message(
    built_toy: Toy, pattern: str, damage: str, said: str
) -> None:
    lock = built_toy.folder / "dvc.lock"
    damaged = re.sub(pattern, damage, lock.read_text(), count=1)
    lock.write_text(damaged)
    result = built_toy.run(*BUILD, check=False)
    message = " ".join(result.stderr.split())
    assert result.returncode == 1
    for words in ("dvc.lock", said, "git checkout HEAD dvc.lock"):
        assert words.lower() in message.lower()
    assert "Traceback" not in message
    assert lock.read_text() == damaged


def held_by(pid: int) -> str:
    """DVC's list of processes at work, in DVC's own format."""
    holder = {"pid": pid, "cmd": "dvc repro"}
    return json.dumps({"write": {"/a": holder}, "read": {"/b": [holder]}})


def test_dead_and_foreign_processes_and_lists_cut_off_hold_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with (
        subprocess.Popen("true") as dead,  # not waited for, so it stays as a zombie
        subprocess.Popen(["sleep", "100"], cwd="/") as foreign,  # it may have got the number of a dead one
    ):
        wait_until(lambda: psutil.Process(dead.pid).status() == psutil.STATUS_ZOMBIE)
        for content in (held_by(dead.pid), held_by(foreign.pid), "", '{"write": {"/a', "\udcff"):
            AT_WORK.parent.mkdir(parents=True, exist_ok=True)
            AT_WORK.write_text(content, errors="surrogateescape")
            with alone():
                assert not AT_WORK.exists()
        foreign.kill()


@pytest.mark.endurance
def test_survives_fifty_kills_of_real_stages(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", runs=("perceptron", "mlp", "torch_logistic_lr0_001"))
    whole = project.copy(tmp_path / "whole")
    whole.dvc("repro")
    expected = whole.digests()
    for _ in kill_repeatedly(project, kills=50, longest=5.0):
        found = {path: digest for path, digest in project.digests().items() if ".partial" not in path}
        assert found.items() <= expected.items()
        if found == expected:
            project.run("git", "clean", "-ffdxq")
            (project.folder / "dvc.lock").unlink(missing_ok=True)
    (project.folder / AT_WORK).unlink(missing_ok=True)
    project.dvc("repro")
    assert project.digests() == expected
    assert project.changed_stages() == set()


FILL = """
with open('out/filler', "wb", buffering=0) as file:
    try:
        while True:
            file.write(bytes(512))
    except OSError:
        pass
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting takes root")
@pytest.mark.parametrize("cause", ["No space left on device", "No possible cache link types"])
def test_full_disk_is_called_by_its_name(toy: Toy, cause: str) -> None:
    """The disk is full for a stage's output; or there is room for that, and none for DVC's copy of it."""
    out, work = toy.folder / "out", toy.folder / "work.py"
    out.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(out)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine allows no mount")
    (toy.folder / "fill.py").write_text(FILL)
    first, last = ("", "if kind == 'train': import fill\n") if "link" in cause else ("import fill\n", "")
    work.write_text(first + work.read_text() + last)
    try:
        result = toy.run(*ONE_BY_ONE, check=False)
    finally:
        subprocess.run(["umount", str(out)], check=True)
    assert result.returncode == 1
    for words in (cause, "The disk is full", "make room and run the same command again"):
        assert words in result.stderr
    assert "Traceback" not in result.stderr
