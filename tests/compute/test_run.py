"""Work in this process, in several of this machine, and on real Dask workers, some of which are killed."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import distributed  # noqa: F401 (it must have read its settings before a test changes one)
import psutil
import pytest

from octrepro.compute.run import BACKEND, JOBS, SCHEDULER, run, where
from octrepro.core import UserError
from tests.compute import work
from tests.compute.cluster import Cluster, cluster

THERE = "tcp://a:1"
pytestmark = pytest.mark.xdist_group("dask")


def items(count: int, **more: Any) -> dict[str, dict[str, Any]]:
    return {f"number {number}": {"number": number, "process": os.getpid(), **more} for number in range(count)}


def described(what: dict[str, dict[str, Any]], data: Path) -> list[dict[str, Any]]:
    done = dict(run(work.describe, what, data, "portable", "test"))
    return [json.loads(done[label]) for label in what]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.npy").write_bytes(bytes(range(256)) * 400)
    return tmp_path / "data"


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as found:
        # As people start them: one with threads, one without a nanny.
        found.add_worker("--nthreads", "2")
        found.add_worker("--nthreads", "1", "--no-nanny")
        yield found


@pytest.fixture(params=["processes", pytest.param("cluster", marks=pytest.mark.slow)])
def elsewhere(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The variable that sends work to other processes, and its value."""
    if request.param == "processes":
        return JOBS, "2"
    return SCHEDULER, request.getfixturevalue("two_workers").address


@pytest.mark.parametrize(
    ("backend", "jobs", "scheduler", "expected"),
    [
        ("", "", "", (1, "")),
        ("dask", "", THERE, (1, THERE)),
        ("", "3", THERE, (3, THERE)),
        ("local", "", THERE, (1, "")),
        ("loky", "2", THERE, (2, "")),
        ("dusk", "", "", "OCTREPRO_BACKEND is 'dusk'\n  expected: 'local' or 'dask'"),
        ("", "many", "", "OCTREPRO_JOBS is 'many'"),
        ("", "0", "", "OCTREPRO_JOBS is '0'"),
        ("", "1" * 5000, "", "a whole number of processes"),
        ("dask", "", "", "no scheduler is named"),
    ],
)
def test_the_environment_is_read_or_refused(
    monkeypatch: pytest.MonkeyPatch, backend: str, jobs: str, scheduler: str, expected: tuple[int, str] | str
) -> None:
    for name, value in ((BACKEND, backend), (JOBS, jobs), (SCHEDULER, scheduler)):
        monkeypatch.setenv(name, value)
    if isinstance(expected, str):
        with pytest.raises(UserError) as caught:
            where()
        assert expected in str(caught.value)
    else:
        assert where() == expected


def test_elsewhere_numerics_and_results_are_the_same(
    data: Path, elsewhere: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = described(items(5), data)
    assert {each["process"] for each in here} == {os.getpid()}
    assert not Path("build/compute.lock").exists()
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    monkeypatch.setenv(*elsewhere)
    there = described(items(5), data)
    assert os.getpid() not in {each["process"] for each in there}
    assert [each | {"process": 0} for each in there] == [each | {"process": 0} for each in here]
    assert all(each["configured"] for each in there)


def test_failures_are_named_after_doing_the_rest(
    data: Path, elsewhere: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = ["1: it is wrong\n  what to do: correct it", "2: ZeroDivisionError: by nothing"]
    for variable, expected in (
        ((JOBS, "1"), told),
        (elsewhere, [*told, "3: its process ended with exit code -9"]),
    ):
        monkeypatch.setenv(*variable)
        done: dict[str, bytes] = {}
        with pytest.raises(UserError) as caught:
            done.update(run(work.fail, items(6), data, "portable", "test"))
        message = str(caught.value)
        assert f"{len(expected)} of 6 failed" in message
        assert all(f"number {each}" in message for each in expected)
        assert ("(worker tcp://127.0.0.1:" in message) == (variable[0] == SCHEDULER)
        assert len(done) == 6 - len(expected)


@pytest.mark.slow
@pytest.mark.parametrize("nanny", [True, False])
def test_a_killed_worker_loses_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nanny: bool
) -> None:
    """The only worker comes back and gets the data again; or another takes over."""
    with cluster(tmp_path) as found:
        worker = found.add_worker("--nthreads", "1", *["--no-nanny"] * (not nanny))
        if not nanny:
            found.add_worker("--nthreads", "1", "--no-nanny")
        found.wait_for_workers()
        totals = {}
        monkeypatch.setenv(SCHEDULER, found.address)
        for label, result in run(work.describe, items(6, seconds=0.3), data, "portable", "test"):
            if not totals:
                process = psutil.Process(worker.pid)
                for victim in process.children() if nanny else [process]:
                    victim.send_signal(signal.SIGKILL)
            totals[label] = json.loads(result)["total"]
    assert totals == dict.fromkeys(items(6), 400 * sum(range(256)))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x"])
def test_a_scheduler_that_is_not_there_is_reported(
    data: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv(SCHEDULER, address)
    with dask.config.set({"distributed.comm.timeouts.connect": 1}), pytest.raises(UserError) as caught:
        described(items(1), data)
    assert f"the Dask scheduler at {address} cannot be reached" in str(caught.value)
    assert "OCTREPRO_SCHEDULER" in str(caught.value)


def test_a_scheduler_without_workers_is_reported(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("octrepro.compute.run.WORKERS_TIMEOUT", 0.5)
    with cluster(tmp_path) as found, pytest.raises(UserError, match=r"has had no worker for 0\.5 seconds"):
        monkeypatch.setenv(SCHEDULER, found.address)
        described(items(1), data)
