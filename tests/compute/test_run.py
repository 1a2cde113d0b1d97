"""Running many tasks on this machine: order, failures, deaths, and doing just what is missing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from octrepro.compute.child import ChildError, Children
from octrepro.compute.fingerprint import folder_digest
from octrepro.compute.parcel import pack, unpack
from octrepro.compute.progress import TaskBar
from octrepro.compute.run import run
from octrepro.compute.settings import Compute
from octrepro.compute.store import Store
from octrepro.compute.task import Task
from octrepro.core import UserError

WORK = "tests.compute.work"
TWO = Compute(backend="loky", jobs=2)
ONE = Compute(backend="loky", jobs=1)


def tasks(function: str, count: int, **arguments: Any) -> list[Task]:
    return [
        Task(f"number {number}", f"{WORK}:{function}", {"number": number, **arguments}, "portable")
        for number in range(count)
    ]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.npy").write_bytes(bytes(range(100)))
    (folder / "b.json").write_text("{}")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "tasks")


def test_results_come_in_the_order_of_the_tasks(data: Path, store: Store, tmp_path: Path) -> None:
    # The first is the last to end.
    several = [
        Task(f"{n}", f"{WORK}:describe", {"number": n, "seconds": 0.2 * (n == 0)}, "portable")
        for n in range(5)
    ]
    expected = [[n, sum(range(100)) + sum(b"{}")] for n in range(5)]
    assert [json.loads(result) for result in run(several, data, TWO, "test", store)] == expected
    alone = run(several, data, ONE, "test", Store(tmp_path / "other"))
    assert [json.loads(result) for result in alone] == expected


def test_what_is_there_is_not_done_again(data: Path, store: Store, tmp_path: Path) -> None:
    log = tmp_path / "log"
    some = tasks("fail_when_asked", 4, flag=str(tmp_path / "flag"), log=str(log))
    run(some[:2], data, ONE, "test", store)
    run(some, data, ONE, "test", store)
    assert sorted(log.read_text().split()) == ["0", "1", "2", "3"]


def test_other_data_other_arguments_and_other_code_are_other_work(data: Path) -> None:
    task, other = tasks("describe", 2)
    keys = {task.key("data", "code"), task.key("other", "code"), task.key("data", "other")}
    assert len(keys | {other.key("data", "code")}) == 4
    relabelled = Task("another name", task.function, task.arguments, task.numerics)
    assert relabelled.key("data", "code") == task.key("data", "code")


def test_a_damaged_result_is_done_again(data: Path, store: Store) -> None:
    some = tasks("describe", 1)
    whole = run(some, data, ONE, "test", store)
    (kept,) = (path for path in store.folder.rglob("*") if path.is_file() and path.name != "lock")
    kept.write_bytes(kept.read_bytes()[:-3])
    assert run(some, data, ONE, "test", store) == whole


@pytest.mark.parametrize("settings", [ONE, TWO])
def test_a_failure_is_named_and_the_others_are_done(
    data: Path, store: Store, tmp_path: Path, settings: Compute
) -> None:
    flag, log = tmp_path / "flag", tmp_path / "log"
    flag.touch()
    some = tasks("fail_when_asked", 5, flag=str(flag), log=str(log))
    with pytest.raises(UserError) as caught:
        run(some, data, settings, "test", store)
    told = str(caught.value)
    assert "2 of 5 tasks failed" in told
    assert "number 1: the flag is up" in told
    assert "number 2: ZeroDivisionError: by nothing" in told
    assert sorted(log.read_text().split()) == ["0", "3", "4"]
    flag.unlink()
    assert run(some, data, settings, "test", store) == [b"0", b"1", b"2", b"3", b"4"]
    assert sorted(log.read_text().split()) == ["0", "1", "2", "3", "4"]


def test_work_goes_on_after_a_process_died(data: Path, store: Store, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    flag.touch()
    some = tasks("die_once", 4, flag=str(flag))
    assert run(some, data, TWO, "test", store) == [b"0", b"1", b"2", b"3"]
    assert not flag.exists()


def test_processes_that_keep_dying_are_told_of(data: Path, store: Store) -> None:
    with pytest.raises(UserError, match="2 tasks could not be done, because workers broke off"):
        run(tasks("die_always", 2), data, TWO, "test", store)


def test_local_processes_have_the_numerics_of_their_parent(data: Path, store: Store) -> None:
    results = [json.loads(result) for result in run(tasks("environment", 2), data, TWO, "test", store)]
    assert all(result["right"] for result in results)
    assert os.getpid() not in {result["process"] for result in results}


def test_a_folder_survives_packing(data: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    unpack(pack(data), there, folder_digest(data))
    assert folder_digest(there) == folder_digest(data)
    with pytest.raises(UserError, match="did not arrive whole"):
        unpack(pack(data), tmp_path / "elsewhere", "another digest")
    assert not (tmp_path / "elsewhere").exists()


def test_a_child_sets_its_own_numerics(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    result = json.loads(Children().call("portable", f"{WORK}:environment", data, {}))
    assert result["right"]
    assert result["process"] != os.getpid()


def test_a_child_is_used_again_and_prints_between_no_answers(data: Path) -> None:
    children = Children()
    first = json.loads(children.call("portable", f"{WORK}:environment", data, {}))
    assert children.call("portable", f"{WORK}:print_much", data, {}) == b"quiet"
    second = json.loads(children.call("portable", f"{WORK}:environment", data, {}))
    assert first["process"] == second["process"]


def test_what_goes_wrong_in_a_child_is_told(data: Path, tmp_path: Path) -> None:
    children = Children()
    flag = tmp_path / "flag"
    flag.touch()
    arguments = {"flag": str(flag), "log": str(tmp_path / "log")}
    with pytest.raises(UserError, match="the flag is up"):
        children.call("portable", f"{WORK}:fail_when_asked", data, {"number": 1, **arguments})
    with pytest.raises(ChildError, match="ZeroDivisionError: by nothing"):
        children.call("portable", f"{WORK}:fail_when_asked", data, {"number": 2, **arguments})
    with pytest.raises(ChildError, match="its process ended"):
        children.call("portable", f"{WORK}:die_always", data, {})
    assert children.call("portable", f"{WORK}:print_much", data, {}) == b"quiet"


def test_progress_counts_what_is_done_running_and_failed() -> None:
    bar = TaskBar("replicate@d-r", total=10, kept=3, slots=4)
    for ok in (True, False, True, True):
        bar.ended(ok=ok)
    bar.close()
    assert bar.counts() == "3 running, 1 failed, 3 kept from before"
