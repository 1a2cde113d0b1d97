"""Work in a process of its own, with the numerics set before NumPy loads.

A Dask worker is started by somebody else, and NumPy may be loaded there under other settings.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from octrepro.core import UserError, numerics
from octrepro.core.numerics import Mode

# Given the folder of the data and what to work on, it returns the result.
Work = Callable[[Path, Any], bytes]
# A result, or why there is none.
Outcome = bytes | str


def outcome_of(work: Work, folder: Path, item: Any) -> Outcome:
    """Do ``work(folder, item)``. It raises nothing: a failure belongs to its item, and the others go on."""
    try:
        return work(folder, item)
    except UserError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def is_configured(mode: Mode) -> bool:
    """Whether this process was started with the numerics of `mode`."""
    names, wanted = numerics.ONE_THREAD | numerics.AVX2_KERNELS, numerics.environment(mode)
    return all(os.environ.get(name) == wanted.get(name) for name in names)


def outcome_of_child(mode: Mode, work: Work, folder: Path, item: Any) -> Outcome:
    """Do ``work(folder, item)`` in a new process."""
    command = [sys.executable, "-m", "octrepro.compute.child", mode]
    # What this process can import, its child can.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    order = pickle.dumps((work, folder, item))
    child = subprocess.run(command, input=order, stdout=subprocess.PIPE, env=environment, check=False)
    if child.returncode:
        return f"its process ended with exit code {child.returncode}; was there memory enough?"
    outcome: Outcome = pickle.loads(child.stdout)  # noqa: S301 (from our own child)
    return outcome


def _main(mode: Mode) -> None:
    numerics.configure(mode)
    # Whatever a library prints must not get into the answer.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answer:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        order = pickle.load(sys.stdin.buffer)  # noqa: S301 (from our own parent)
        answer.write(pickle.dumps(outcome_of(*order)))


if __name__ == "__main__":
    _main(sys.argv[1])  # type: ignore[arg-type]
