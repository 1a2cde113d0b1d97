"""Real Dask on loopback: a scheduler, two workers, one of them killed; and a scheduler that is not there."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from octrepro.compute.run import run
from octrepro.compute.settings import Compute
from octrepro.compute.store import Store
from octrepro.compute.task import Task
from octrepro.core import UserError
from tests.compute.cluster import Cluster, cluster
from tests.compute.test_run import tasks

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dask")]


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as found:
        # As people start them: one with threads, one without a nanny.
        found.add_worker("--nthreads", "2")
        found.add_worker("--nthreads", "1", "--no-nanny")
        yield found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.npy").write_bytes(bytes(range(256)) * 400)
    return folder


def on(found: Cluster) -> Compute:
    return Compute(backend="dask", scheduler=found.address, workers_timeout=60)


def test_results_are_those_of_this_machine(two_workers: Cluster, data: Path, tmp_path: Path) -> None:
    some = tasks("describe", 8)
    here = run(some, data, Compute(jobs=1), "test", Store(tmp_path / "here"))
    assert run(some, data, on(two_workers), "test", Store(tmp_path / "there")) == here


def test_tasks_have_their_numerics_and_the_workers_own_copy_of_the_data(
    two_workers: Cluster, data: Path, tmp_path: Path
) -> None:
    some = tasks("environment", 8)
    results = [
        json.loads(result) for result in run(some, data, on(two_workers), "test", Store(tmp_path / "t"))
    ]
    assert all(result["right"] for result in results)
    folders = {result["folder"] for result in results}
    assert all(Path(folder).is_relative_to(two_workers.folder) for folder in folders)
    # One copy for each worker, not one for each task.
    assert len(folders) <= 2


def test_a_failure_is_named_with_its_worker(two_workers: Cluster, data: Path, tmp_path: Path) -> None:
    flag, log = tmp_path / "flag", tmp_path / "log"
    flag.touch()
    some = tasks("fail_when_asked", 4, flag=str(flag), log=str(log))
    with pytest.raises(UserError, match=r"2 of 4 tasks failed") as caught:
        run(some, data, on(two_workers), "test", Store(tmp_path / "tasks"))
    assert "number 2: ZeroDivisionError: by nothing (worker tcp://127.0.0.1:" in str(caught.value)
    assert sorted(log.read_text().split()) == ["0", "3"]


def test_a_process_out_of_memory_fails_its_task_alone(
    two_workers: Cluster, data: Path, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    flag.touch()
    some = tasks("die_once", 3, flag=str(flag))
    store = Store(tmp_path / "tasks")
    with pytest.raises(UserError, match="number 1: its process ended"):
        run(some, data, on(two_workers), "test", store)
    assert run(some, data, on(two_workers), "test", store) == [b"0", b"1", b"2"]


def test_other_code_on_the_workers_is_told(
    two_workers: Cluster, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("octrepro.compute.run.code_fingerprint", lambda: "numpy 1.0, octrepro 0123")
    with pytest.raises(UserError, match="the worker's code or libraries are others") as caught:
        run(tasks("describe", 1), data, on(two_workers), "test", Store(tmp_path / "tasks"))
    assert "expected: numpy 1.0, octrepro 0123" in str(caught.value)


def test_a_worker_killed_in_the_middle_changes_nothing(data: Path, tmp_path: Path) -> None:
    some = [
        Task(f"number {n}", "tests.compute.work:describe", {"number": n, "seconds": 0.4}, "portable")
        for n in range(10)
    ]
    here = run(some, data, Compute(jobs=2), "test", Store(tmp_path / "here"))
    store = Store(tmp_path / "there")
    with cluster(tmp_path) as found:
        found.add_worker("--nthreads", "1", "--no-nanny")
        victim = found.add_worker("--nthreads", "1", "--no-nanny")
        killed = threading.Event()

        def kill_in_the_middle() -> None:
            while not any(store.folder.glob("??/*")):
                threading.Event().wait(0.05)
            os.kill(victim.pid, signal.SIGKILL)
            killed.set()

        thread = threading.Thread(target=kill_in_the_middle)
        thread.start()
        there: list[Any] = run(some, data, on(found), "test", store)
        thread.join()
        assert killed.is_set()
        assert victim.wait() == -signal.SIGKILL
    assert there == here


def test_the_only_worker_killed_comes_back_and_gets_the_data_again(data: Path, tmp_path: Path) -> None:
    some = [
        Task(f"number {n}", "tests.compute.work:describe", {"number": n, "seconds": 0.4}, "portable")
        for n in range(4)
    ]
    store = Store(tmp_path / "tasks")
    with cluster(tmp_path) as found:
        nanny = found.add_worker("--nthreads", "1")

        def kill_in_the_middle() -> None:
            while not any(store.folder.glob("??/*")):
                threading.Event().wait(0.05)
            for process in psutil.Process(nanny.pid).children():
                if "resource_tracker" not in " ".join(process.cmdline()):
                    process.kill()

        thread = threading.Thread(target=kill_in_the_middle)
        thread.start()
        there = run(some, data, on(found), "test", store)
        thread.join()
    assert [json.loads(result)[0] for result in there] == [0, 1, 2, 3]


def test_a_scheduler_that_is_not_there_is_told_once(data: Path, tmp_path: Path) -> None:
    nowhere = Compute(scheduler="tcp://127.0.0.1:9", connect_timeout=1)
    with pytest.raises(UserError) as caught:
        run(tasks("describe", 1), data, nowhere, "test", Store(tmp_path / "tasks"))
    told = str(caught.value)
    assert "the Dask scheduler at tcp://127.0.0.1:9 cannot be reached" in told
    assert "OCTREPRO_SCHEDULER" in told


def test_an_address_that_is_none_is_told(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be reached"):
        run(
            tasks("describe", 1),
            data,
            Compute(scheduler="nonsense://x", connect_timeout=1),
            "t",
            Store(tmp_path),
        )


def test_a_scheduler_without_workers_is_told(data: Path, tmp_path: Path) -> None:
    with cluster(tmp_path) as found:
        lonely = Compute(scheduler=found.address, workers_timeout=0.5)
        with pytest.raises(UserError, match=r"has had no worker for 0\.5 seconds"):
            run(tasks("describe", 1), data, lonely, "test", Store(tmp_path / "tasks"))
