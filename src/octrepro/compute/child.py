"""One piece of work: here, in a process of its own, or in one of a Dask worker's."""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from octrepro.core import UserError, numerics
from octrepro.core.files import atomic_directory
from octrepro.core.numerics import Mode

# Given the folder of the data and what to work on, it returns the result.
Work = Callable[[Path, Any], bytes]
# A result, or why there is none: a failure belongs to its item, and the others go on.
Outcome = bytes | str

_writing = threading.Lock()


def outcome_here(work: Work, folder: Path, item: Any) -> Outcome:
    """Do ``work(folder, item)`` in this process."""
    try:
        return work(folder, item)
    except UserError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def outcome_of_child(mode: Mode, work: Work, folder: Path, item: Any) -> Outcome:
    """Do ``work(folder, item)`` in a new process, whose numerics are set before NumPy loads."""
    # What this process can import, its child can.
    path = os.pathsep.join(filter(None, sys.path))
    child = subprocess.run(
        [sys.executable, "-m", "octrepro.compute.child"],
        input=pickle.dumps((work, folder, item)),
        stdout=subprocess.PIPE,
        env={**os.environ, **numerics.environment(mode), "PYTHONPATH": path},
        check=False,
    )
    if child.returncode:
        return f"its process ended with exit code {child.returncode}; was there memory enough?"
    outcome: Outcome = pickle.loads(child.stdout)  # noqa: S301 (from our own child)
    return outcome


def outcome_on_worker(mode: Mode, work: Work, files: Mapping[str, bytes], name: str, item: Any) -> Outcome:
    """Do ``work(folder, item)`` on a Dask worker, with `files` in a folder `name` on its disk.

    Whoever started the worker knew nothing of numerics, and NumPy may be loaded there already.
    """
    from distributed import get_worker

    worker = get_worker()
    folder = Path(worker.local_directory) / name
    with _writing:
        if not folder.exists():
            with atomic_directory(folder) as temporary:
                for file, content in files.items():
                    (temporary / file).write_bytes(content)
    outcome = outcome_of_child(mode, work, folder, item)
    return outcome if isinstance(outcome, bytes) else f"{outcome} (worker {worker.address})"


def _main() -> None:
    # Whatever a library prints must not get into the answer.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answer:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        order = pickle.load(sys.stdin.buffer)  # noqa: S301 (from our own parent)
        answer.write(pickle.dumps(outcome_here(*order)))


if __name__ == "__main__":
    _main()
