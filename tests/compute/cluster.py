"""A Dask cluster on this machine: a scheduler and workers, as a user starts them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DASK = Path(sys.executable).with_name("dask")


@dataclass
class Cluster:
    """The scheduler's address, and the processes."""

    address: str
    folder: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def add_worker(self, *options: str) -> subprocess.Popen[str]:
        # Each in a folder of its own, with nothing of the project in it: no disk is shared.
        folder = self.folder / f"worker-{len(self.processes)}"
        folder.mkdir()
        log = (folder / "log").open("w")
        command = [str(DASK), "worker", self.address, "--no-dashboard", *options]
        command += ["--local-directory", str(folder)]
        worker = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=log, stderr=subprocess.STDOUT, text=True
        )
        self.processes.append(worker)
        return worker


def environment() -> dict[str, str]:
    # Not the numerics of this process: a worker is started by somebody who knows nothing of them.
    foreign = ("_NUM_THREADS", "NUMBA_", "NPY_", "OPENBLAS_", "ATEN_", "MKL_", "ONEDNN_")
    kept = {name: value for name, value in os.environ.items() if not any(part in name for part in foreign)}
    return kept | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    command = [str(DASK), "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    scheduler = subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    found = Cluster(_address(scheduler), folder)
    try:
        yield found
    finally:
        for process in [*found.processes, scheduler]:
            process.send_signal(signal.SIGTERM)
        for process in [*found.processes, scheduler]:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(scheduler: subprocess.Popen[str]) -> str:
    assert scheduler.stderr is not None
    for line in scheduler.stderr:
        if match := re.search(r"Scheduler at:\s+(tcp://\S+)", line):
            return match.group(1)
    raise AssertionError("the scheduler did not start")
