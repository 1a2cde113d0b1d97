"""Work in this process and in several of this machine: order, failures, deaths."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from octrepro.compute.child import Work, outcome_of_child
from octrepro.compute.run import run
from octrepro.compute.settings import Compute
from octrepro.core import UserError
from tests.compute import work

HERE, TWO = Compute(), Compute(jobs=2)


def items(count: int, **more: Any) -> dict[str, dict[str, Any]]:
    return {f"number {number}": {"number": number, **more} for number in range(count)}


def results(
    done: Work, what: dict[str, dict[str, Any]], data: Path, settings: Compute = HERE
) -> dict[str, Any]:
    return {label: json.loads(each) for label, each in run(done, what, data, "portable", settings, "test")}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.npy").write_bytes(bytes(range(100)))
    (folder / "b.json").write_text("{}")
    return folder


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    (tmp_path / "flag").touch()
    return tmp_path / "flag"


@pytest.fixture(autouse=True)
def folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


def test_one_process_does_the_work_itself_without_loading_dask(data: Path) -> None:
    found = results(work.describe, items(3), data)
    assert {each["process"] for each in found.values()} == {os.getpid()}
    assert not (Path("build/compute.lock")).exists()


@pytest.mark.slow
@pytest.mark.xdist_group("dask")
def test_several_processes_have_the_numerics_and_results_of_one(data: Path) -> None:
    here, there = (results(work.describe, items(5), data, settings) for settings in (HERE, TWO))
    assert all(each["configured"] for each in there.values())
    processes = {each["process"] for each in there.values()}
    assert len(processes) == 2
    assert os.getpid() not in processes
    for label, each in here.items():
        assert there[label] | {"process": 0} == each | {"process": 0}


def test_names_failures_after_doing_the_rest(data: Path, flag: Path, tmp_path: Path) -> None:
    some = items(5, flag=str(flag), log=str(tmp_path / "log"))
    done: dict[str, bytes] = {}
    with pytest.raises(UserError) as caught:
        done.update(run(work.fail_when_asked, some, data, "portable", HERE, "test"))
    assert done == {"number 0": b"0", "number 3": b"3", "number 4": b"4"}
    message = str(caught.value)
    assert "2 of 5 failed" in message
    assert "number 1: the flag is up" in message
    assert "number 2: ZeroDivisionError: by nothing" in message


@pytest.mark.slow
@pytest.mark.xdist_group("dask")
def test_goes_on_after_a_process_was_killed(data: Path, flag: Path) -> None:
    assert results(work.die, items(4, flag=str(flag)), data, TWO) == {f"number {n}": n for n in range(4)}
    assert not flag.exists()


@pytest.mark.slow
@pytest.mark.xdist_group("dask")
def test_work_that_kills_every_process_is_named(data: Path) -> None:
    done: dict[str, bytes] = {}
    with pytest.raises(UserError, match=r"number 1: its worker ended \(KilledWorker\)"):
        done.update(run(work.die, items(4), data, "portable", TWO, "test"))
    assert sorted(done) == ["number 0", "number 2", "number 3"]


def test_a_child_sets_its_own_numerics(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    found = outcome_of_child("portable", work.describe, data, {"number": 3})
    assert isinstance(found, bytes)
    assert json.loads(found)["configured"]
    assert json.loads(found)["process"] != os.getpid()


def test_failures_of_a_child_are_reported(data: Path, flag: Path) -> None:
    def outcome(done: Work, number: int) -> bytes | str:
        return outcome_of_child("portable", done, data, {"number": number, "flag": str(flag), "log": "log"})

    assert outcome(work.fail_when_asked, 1) == "the flag is up\n  what to do: take it down"
    assert outcome(work.fail_when_asked, 2) == "ZeroDivisionError: by nothing"
    assert "its process ended with exit code -9" in str(outcome(work.die, 1))


@pytest.mark.slow
@pytest.mark.xdist_group("dask")
def test_stages_side_by_side_take_turns(data: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"

    def stage(number: int) -> None:
        some = {str(n): {"number": number, "flag": "none", "log": str(log), "seconds": 0.3} for n in range(4)}
        results(work.fail_when_asked, some, data, TWO)

    threads = [threading.Thread(target=stage, args=(number,)) for number in (5, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    order = log.read_text().split()
    assert order in (["5"] * 4 + ["6"] * 4, ["6"] * 4 + ["5"] * 4)
