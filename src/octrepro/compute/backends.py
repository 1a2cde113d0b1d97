"""The two ways of doing tasks side by side: processes of this machine, or the workers of a Dask scheduler.

Both go through `joblib.Parallel` and yield outcomes in the order in which they end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import joblib

from octrepro.compute.attempt import Order, Outcome, attempt_here, attempt_on_worker
from octrepro.compute.parcel import pack
from octrepro.compute.settings import Compute
from octrepro.core import UserError


class Backend(Protocol):
    """Where tasks are done."""

    slots: int

    def outcomes(self, orders: Sequence[Order]) -> Iterator[Outcome]:
        """Do the tasks; yield each outcome as it comes."""


@contextmanager
def open_backend(settings: Compute, folder: Path) -> Iterator[Backend]:
    """The backend that `settings` name, with the data of `folder` at hand.

    Raises
    ------
    UserError
        When the scheduler cannot be reached or has no worker.
    """
    if not settings.uses_dask:
        yield Loky(settings.jobs or available_cores(), folder)
        return
    with ExitStack() as stack:
        yield _dask(settings, folder, stack)


class Loky:
    """Processes of this machine. They are started fresh, so they inherit this process's numerics."""

    def __init__(self, jobs: int, folder: Path) -> None:
        self.slots = jobs
        # Memory-mapped in each process: the machine holds the data once.
        self._folder = str(folder.absolute())

    def outcomes(self, orders: Sequence[Order]) -> Iterator[Outcome]:
        """Do the tasks; yield each outcome as it comes."""
        # A process more than there are tasks would only load libraries.
        jobs = min(self.slots, len(orders))
        # joblib does a single job in this very process.
        with joblib.parallel_config(backend="loky", n_jobs=jobs, inner_max_num_threads=1):
            parallel = joblib.Parallel(
                return_as="generator_unordered", batch_size=1, pre_dispatch=jobs, max_nbytes=None
            )
            yield from parallel(joblib.delayed(attempt_here)(order, self._folder) for order in orders)


class Dask:
    """The workers of a Dask scheduler. Each receives the data once and keeps it."""

    def __init__(self, client: Any, settings: Compute, folder: Path) -> None:
        self._client = client
        self._settings = settings
        self._parcel = pack(folder)
        self.slots = sum(client.ncores().values())

    def outcomes(self, orders: Sequence[Order]) -> Iterator[Outcome]:
        """Do the tasks; yield each outcome as it comes."""
        backend = _dask_backend()(
            client=self._client,
            scatter=[self._parcel],
            wait_for_workers_timeout=self._settings.workers_timeout,
            # Two stages that send the same function must not share its results.
            pure=False,
        )
        with joblib.parallel_config(backend=backend, n_jobs=-1):
            parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="all")
            yield from parallel(joblib.delayed(attempt_on_worker)(order, self._parcel) for order in orders)


def _dask_backend() -> type[Any]:
    from joblib._dask import DaskDistributedBackend

    class WorkersOnly(DaskDistributedBackend):  # type: ignore[misc]
        """joblib would do the work in this process when the cluster has a single slot."""

        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, int(super().effective_n_jobs(n_jobs)))

    return WorkersOnly


def _dask(settings: Compute, folder: Path, stack: ExitStack) -> Dask:
    from distributed import Client

    where = f"the Dask scheduler at {settings.scheduler}"
    try:
        client = stack.enter_context(
            Client(  # type: ignore[no-untyped-call]
                settings.scheduler, timeout=settings.connect_timeout, set_as_default=False
            )
        )
    except (OSError, ValueError) as error:
        raise UserError(
            f"{where} cannot be reached: {_first_line(error)}",
            expected="the address that 'dask scheduler' printed, reachable from here",
            hint="start the scheduler, or mend OCTREPRO_SCHEDULER (or compute.yaml); "
            "without either, the work runs on this machine",
        ) from None
    try:
        client.wait_for_workers(1, timeout=settings.workers_timeout)
    except TimeoutError:
        raise UserError(
            f"{where} has had no worker for {settings.workers_timeout:g} seconds",
            expected="at least one",
            hint=f"start one with 'dask worker {settings.scheduler}' where octrepro is installed",
        ) from None
    return Dask(client, settings, folder)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
