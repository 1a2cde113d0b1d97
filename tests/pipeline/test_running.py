"""Builds that are run twice, interrupted, killed or out of space harm nothing and say what happened."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.pipeline.conftest import Project, make_project, wait_until
from tests.pipeline.toy import BUILD, RUNS, Toy, built_toy, built_toy_once, toy, toy_once

__all__ = ["built_toy", "built_toy_once", "toy", "toy_once"]
pytestmark = [pytest.mark.xdist_group("toy")]

ALL = {f"{stage}@phantom-{run}" for stage in ("train", "evaluate") for run in RUNS}
ALL |= {f"{stage}@phantom" for stage in ("prepare", "report", "pdf")}
SLOW = "train@phantom-mlp"


def test_runs_every_stage_once_in_order_and_then_only_what_an_edit_affects(built_toy: Toy) -> None:
    started = built_toy.stages_log("start")
    assert sorted(started) == sorted(ALL)
    for run in RUNS:
        order = ("prepare@phantom", f"train@phantom-{run}", f"evaluate@phantom-{run}", "report@phantom")
        assert sorted(order, key=started.index) == list(order)
    assert "up to date" in built_toy.run(*BUILD).stdout
    built_toy.edit("experiments.mlp.epochs", 3)
    # DVC runs what comes after the training only if its output has changed, which it has not.
    assert "[  4/4] pdf@phantom" in built_toy.run(*BUILD).stderr
    assert built_toy.stages_log("start") == [*started, "train@phantom-mlp"]
    assert built_toy.changed_stages() == set()


def test_longest_training_starts_first_and_its_failure_starts_nothing_new(toy: Toy) -> None:
    toy.edit("experiments.mlp.epochs", 100)
    result = toy.run(*BUILD[:-1], "1", check=False, FAIL=SLOW)
    assert result.returncode == 1
    assert f"The build stopped at {SLOW}.\nthe reason why\n" in result.stderr
    assert toy.stages_log("start") == ["prepare@phantom", SLOW]


def test_second_build_waits_for_the_first(toy: Toy) -> None:
    both = [toy.start(*BUILD) for _ in range(2)]
    said = [process.communicate(timeout=300)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("Another build is running in this folder: waiting" in each for each in said) == 1
    assert sorted(toy.stages_log("start")) == sorted(ALL)


def test_build_waits_for_plain_dvc(toy: Toy) -> None:
    plain = toy.start("dvc", "repro")
    wait_until(lambda: len(toy.stages_log("start")) == 2)
    result = toy.run(*BUILD)
    plain.communicate(timeout=300)
    assert plain.returncode == 0
    assert "DVC is running in this folder: waiting" in result.stderr
    assert sorted(toy.stages_log("start")) == sorted(ALL)


@pytest.mark.parametrize(
    ("sent", "to_group"), [(signal.SIGINT, True), (signal.SIGINT, False), (signal.SIGKILL, False)]
)
def test_a_stopped_build_takes_its_stages_with_it_and_goes_on(
    toy: Toy, sent: signal.Signals, to_group: bool
) -> None:
    """Ctrl-C goes to all processes of a terminal."""
    build = toy.start(*BUILD, SLOW=SLOW)
    wait_until(lambda: SLOW in toy.stages_log("start"))
    (os.killpg if to_group else os.kill)(build.pid, sent)
    _, said = build.communicate(timeout=50)  # the stage itself would take longer
    wait_until(lambda: toy.processes() == [])
    if sent == signal.SIGINT:
        assert build.returncode == 130
        assert said.splitlines()[-1] == "Interrupted: run the same command again to go on from here."
        assert "Traceback" not in said
    finished, started = toy.locked(), toy.stages_log("start")
    toy.run(*BUILD)
    assert set(toy.stages_log("start")[len(started) :]) == ALL - finished
    assert toy.outputs() == ALL


def kill_repeatedly(project: Project, kills: int, longest: float) -> Iterator[set[str]]:
    """Kill builds of ours and of DVC in turn, at seeded moments; yield the stages finished before each."""
    moments = random.Random(6)
    for number in range(kills):
        before = project.locked()
        process = project.start(*(BUILD, ("dvc", "repro"))[number % 2])
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=moments.uniform(0.8, longest))
        with suppress(ProcessLookupError):  # it may have ended
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        wait_until(lambda: project.processes() == [])
        project.run(sys.executable, "-m", "octrepro", "repair")
        yield before


def test_killed_at_any_moment_loses_nothing_and_repeats_nothing(toy: Toy) -> None:
    started: list[str] = []
    for before in kill_repeatedly(toy, kills=6, longest=3.0):
        assert not set(toy.stages_log("start")[len(started) :]) & before
        started = toy.stages_log("start")
    toy.run(*BUILD)
    assert toy.outputs() == ALL
    assert toy.changed_stages() == set()


def test_what_a_cut_off_lock_file_lacked_comes_from_the_cache(built_toy: Toy) -> None:
    started, lock = built_toy.stages_log("start"), built_toy.text("dvc.lock")
    built_toy.run("git", "rm", "--quiet", "--cached", "dvc.lock")
    built_toy.run("git", "commit", "--quiet", "-m", "the code without its results")
    (built_toy.folder / "dvc.lock").write_text(lock[: len(lock) // 2].rpartition(" ")[0])
    result = built_toy.run(*BUILD)
    assert "after an interruption: dvc.lock was cut off" in result.stdout
    # DVC's cache has no stage that writes files for git other than metrics and plots.
    assert built_toy.stages_log("start") == [*started, "pdf@phantom"]


@pytest.mark.endurance
def test_survives_fifty_kills_of_real_stages(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", runs=("perceptron", "mlp", "torch_logistic_lr0_001"))
    whole = project.copy(tmp_path / "whole")
    whole.dvc("repro")
    expected = whole.digests()
    for before in kill_repeatedly(project, kills=50, longest=5.0):
        assert before <= project.locked() or not project.locked()
        found = project.digests()
        assert {
            path for path in found if ".partial" not in path and found[path] != expected.get(path)
        } == set()
        if found.keys() >= expected.keys() and project.changed_stages() == set():
            project.run("git", "clean", "-ffdxq")
            (project.folder / "dvc.lock").unlink(missing_ok=True)
    project.dvc("repro")
    assert project.digests() == expected
    assert project.changed_stages() == set()


FILL = """
def fill(path):
    try:
        with open(path, "wb", buffering=0) as file:
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
    try:
        filled = "fill('out/filler')\n"
        ours = f"{FILL}{filled}{work.read_text()}", f"{FILL}{work.read_text()}if kind == 'train': {filled}"
        work.write_text(ours["link" in cause])
        result = toy.run(*BUILD[:-1], "1", check=False)
    finally:
        subprocess.run(["umount", str(out)], check=True)
    assert result.returncode == 1
    for words in (cause, "The disk is full", "make room and run the same command again"):
        assert words in result.stderr
    assert "Traceback" not in result.stderr
