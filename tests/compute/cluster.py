"""A Dask cluster on this machine: a scheduler and workers, as a user starts them."""

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.pipeline.project import wait_until

ROOT = Path(__file__).parents[2]
DASK = Path(sys.executable).with_name("dask")
# The numerics of this process: a worker is started by somebody who knows nothing of them.
OURS = ("_NUM_THREADS", "NUMBA_", "NPY_", "OPENBLAS_", "ATEN_", "MKL_", "ONEDNN_")


@dataclass
class Cluster:
    """The scheduler's address, and the processes of the workers."""

    address: str
    folder: Path
    workers: list[psutil.Popen] = field(default_factory=list)

    def add_worker(self, *options: str) -> psutil.Popen:
        # Each in a folder of its own, with nothing of the project in it: no disk is shared.
        folder = self.folder / f"worker-{len(self.workers)}"
        folder.mkdir()
        command = ("worker", self.address, "--no-dashboard", *options, "--local-directory", str(folder))
        self.workers.append(start(folder, *command))
        return self.workers[-1]

    def wait_for_workers(self) -> None:
        """Wait until the scheduler has all that were added."""
        logs = [self.folder / f"worker-{number}/log" for number in range(len(self.workers))]
        wait_until(lambda: all("Registered to" in log.read_text() for log in logs))


def start(folder: Path, *command: str) -> psutil.Popen:
    environment = {
        name: value for name, value in os.environ.items() if not any(part in name for part in OURS)
    }
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    with (folder / "log").open("w") as log:
        return psutil.Popen([DASK, *command], cwd=folder, env=environment, stderr=log, text=True)


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    scheduler = start(folder, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    while not (found := re.search(r"Scheduler at:\s+(tcp://\S+)", (folder / "log").read_text())):
        assert scheduler.poll() is None, "the scheduler did not start"
        time.sleep(0.05)
    made = Cluster(found.group(1), folder)
    try:
        yield made
    finally:
        for process in [*made.workers, scheduler]:
            with suppress(psutil.NoSuchProcess):
                for each in [process, *process.children(recursive=True)]:
                    each.kill()
            process.wait()
