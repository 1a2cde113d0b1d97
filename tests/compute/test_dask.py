"""Real Dask on loopback: a scheduler, two workers, one of them killed; and a scheduler that is not there."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import psutil  # type: ignore[import-untyped]
import pytest

from octrepro.compute.child import Work
from octrepro.compute.run import run
from octrepro.compute.settings import Compute
from octrepro.core import UserError
from tests.compute import work
from tests.compute.cluster import Cluster, cluster
from tests.compute.test_run import items

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


def on(address: str, done: Work, some: dict[str, Any], data: Path) -> Iterator[tuple[str, bytes]]:
    return run(done, some, data, "portable", Compute(scheduler=address, workers_timeout=60), "test")


def test_foreign_workers_configure_numerics(two_workers: Cluster, data: Path) -> None:
    done = on(two_workers.address, work.describe, items(8), data)
    found = {label: json.loads(each) for label, each in done}
    assert sorted(found) == sorted(items(8))
    assert all(found[label]["number"] == item["number"] for label, item in items(8).items())
    assert all(each["configured"] for each in found.values())
    assert {each["total"] for each in found.values()} == {sum(range(256)) * 400}
    folders = {each["folder"] for each in found.values()}
    assert all(Path(folder).is_relative_to(two_workers.folder) for folder in folders)
    # One copy for each worker, not one for each piece of work.
    assert len(folders) <= 2


def test_names_a_failure_with_its_worker(two_workers: Cluster, data: Path, tmp_path: Path) -> None:
    flag, log = tmp_path / "flag", tmp_path / "log"
    flag.touch()
    some = items(4, flag=str(flag), log=str(log))
    with pytest.raises(UserError, match=r"2 of 4 failed") as caught:
        list(on(two_workers.address, work.fail_when_asked, some, data))
    assert "number 2: ZeroDivisionError: by nothing (worker tcp://127.0.0.1:" in str(caught.value)
    assert sorted(log.read_text().split()) == ["0", "3"]


def test_out_of_memory_fails_one_item(two_workers: Cluster, data: Path) -> None:
    done: dict[str, bytes] = {}
    with pytest.raises(UserError, match="number 1: its process ended with exit code -9"):
        done.update(on(two_workers.address, work.die, items(3), data))
    assert done == {"number 0": b"0", "number 2": b"2"}


@pytest.mark.parametrize("nanny", [True, False])
def test_a_killed_worker_loses_nothing(data: Path, tmp_path: Path, nanny: bool) -> None:
    """The only worker comes back and gets the data again; or another takes over."""
    some = items(6, seconds=0.3)
    with cluster(tmp_path) as found:
        if nanny:
            victims = psutil.Process(found.add_worker("--nthreads", "1").pid).children
        else:
            found.add_worker("--nthreads", "1", "--no-nanny")
            victim = found.add_worker("--nthreads", "1", "--no-nanny")
            victims = lambda: [victim]  # noqa: E731
        done: dict[str, bytes] = {}
        for label, result in on(found.address, work.describe, some, data):
            if not done:
                for process in victims():
                    os.kill(process.pid, signal.SIGKILL)
            done[label] = result
    assert {label: json.loads(result)["number"] for label, result in done.items()} == {
        label: item["number"] for label, item in some.items()
    }


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x"])
def test_reports_a_scheduler_that_is_not_there(data: Path, address: str) -> None:
    with dask.config.set({"distributed.comm.timeouts.connect": 1}), pytest.raises(UserError) as caught:
        list(on(address, work.describe, items(1), data))
    assert f"the Dask scheduler at {address} cannot be reached" in str(caught.value)
    assert "OCTREPRO_SCHEDULER" in str(caught.value)


def test_reports_a_scheduler_without_workers(data: Path, tmp_path: Path) -> None:
    with cluster(tmp_path) as found:
        settings = Compute(scheduler=found.address, workers_timeout=0.5)
        with pytest.raises(UserError, match=r"has had no worker for 0\.5 seconds"):
            list(run(work.describe, items(1), data, "portable", settings, "test"))
