"""What a worker does with a task. It raises nothing: a failure is an outcome, and the others go on."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from octrepro.compute.child import ChildError, Children
from octrepro.compute.fingerprint import code_fingerprint
from octrepro.compute.parcel import Parcel, unpack
from octrepro.compute.task import Task, call
from octrepro.core import UserError, numerics


@dataclass(frozen=True)
class Outcome:
    """A task's result, or why there is none."""

    position: int
    result: bytes | None = None
    error: str | None = None


@dataclass(frozen=True)
class Order:
    """A task with what its worker must agree on.

    Attributes
    ----------
    position
        Of the task in its list.
    data, code
        Fingerprints of the data folder and of the sender's code.
    """

    position: int
    task: Task
    data: str
    code: str


def attempt_here(order: Order, folder: str) -> Outcome:
    """Run a task in this process, which must have been started with the task's numerics."""
    task = order.task
    try:
        numerics.configure(task.numerics)
        return Outcome(order.position, call(task.function, Path(folder), task.arguments))
    except Exception as error:  # whatever it is, it belongs to this task, and the next one may go well
        return Outcome(order.position, error=_told(error))


_children = Children()
_unpacking = threading.Lock()


def attempt_on_worker(order: Order, parcel: Parcel) -> Outcome:
    """Run a task for a Dask worker, in a child, on the worker's own copy of the data."""
    from distributed import get_worker

    task, worker = order.task, get_worker()
    try:
        _check_code(order.code)
        folder = Path(worker.local_directory) / "octrepro" / order.data
        with _unpacking:
            unpack(parcel, folder, order.data)
        return Outcome(order.position, _children.call(task.numerics, task.function, folder, task.arguments))
    except Exception as error:
        return Outcome(order.position, error=f"{_told(error)} (worker {worker.address})")


def _check_code(expected: str) -> None:
    ours = code_fingerprint()
    if ours != expected:
        raise UserError(
            f"the worker's code or libraries are others: {ours}",
            expected=expected,
            hint="install the same commit of octrepro and the same requirements.lock on the workers",
        )


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, UserError | ChildError) else f"{type(error).__name__}: {error}"
