"""What happens on a Dask worker: it gets the data once and does one piece of work at a time."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from octrepro.compute.child import Outcome, Work, is_configured, outcome_of, outcome_of_child
from octrepro.core.files import atomic_directory
from octrepro.core.numerics import Mode

# PyTorch's random generator is one for all threads of a process.
_alone = threading.Lock()


class Delivery(WorkerPlugin):
    """Writes a folder's files to the disk of each worker, also of those that join or come back later."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        digests = [hashlib.sha256(content).hexdigest() for content in self._files.values()]
        self.name = f"octrepro-{hashlib.sha256(repr(digests).encode()).hexdigest()[:16]}"

    def setup(self, worker: Worker) -> None:
        """Write what is not there yet."""
        folder = Path(worker.local_directory) / self.name
        if not folder.exists():
            with atomic_directory(folder) as temporary:
                for name, content in self._files.items():
                    (temporary / name).write_bytes(content)
        self._files = {}  # a worker has better use for its memory


def attempt(mode: Mode, work: Work, where: str, item: Any) -> Outcome:
    """Do ``work(folder, item)``.

    Parameters
    ----------
    where
        The folder: an absolute path, or the name of a `Delivery`.
    """
    worker = get_worker()
    folder = Path(worker.local_directory) / where
    if is_configured(mode):
        with _alone:
            outcome = outcome_of(work, folder, item)
    else:
        outcome = outcome_of_child(mode, work, folder, item)
    return outcome if isinstance(outcome, bytes) else f"{outcome} (worker {worker.address})"
