"""The one way to do many independent pieces of work, wherever the environment says, whatever fails."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from octrepro.compute.child import Outcome, Work, outcome_here, outcome_of_child, outcome_on_worker
from octrepro.core import UserError
from octrepro.core.files import digest_of
from octrepro.core.numerics import Mode
from octrepro.core.progress import progress

LOCK = Path("build/compute.lock")
BACKEND, JOBS, SCHEDULER = "OCTREPRO_BACKEND", "OCTREPRO_JOBS", "OCTREPRO_SCHEDULER"
# Seconds to wait for the scheduler's first worker, which may stand in a queue.
WORKERS_TIMEOUT = 600.0
_FAILURES_SHOWN = 8

# Starts the work on an item.
Submit = Callable[[Any], "Future[Outcome]"]


def run(
    work: Work, items: Mapping[str, Any], folder: Path, mode: Mode, what: str
) -> Iterator[tuple[str, bytes]]:
    """Do ``work(folder, item)`` for every item and yield each result, under its item's label, as it comes.

    `work` is a function of a module, so that any process can import it; `items` are independent of each
    other, their labels for people; all read the data in `folder`. This process has been configured for
    `mode`; `what` is the stage, for progress.

    Raises `UserError` at the end, when items failed: each is named, and the others have been done. At the
    start, when the environment says nothing sensible, a Dask scheduler cannot be reached or has no worker.
    """
    failures: dict[str, str] = {}
    outcomes = _outcomes(work, items, folder, mode)
    for label, outcome in progress(outcomes, len(items), what, "run"):
        if isinstance(outcome, bytes):
            yield label, outcome
        else:
            failures[label] = outcome
    if failures:
        lines = [f"  {label}: {reason}" for label, reason in list(failures.items())[:_FAILURES_SHOWN]]
        if len(failures) > len(lines):
            lines.append(f"  ... and {len(failures) - len(lines)} more")
        raise UserError(
            "\n".join([f"{len(failures)} of {len(items)} failed:", *lines]),
            hint="run the same command again: only these run again",
        )


def where() -> tuple[int, str]:
    """How many processes of this machine, and the Dask scheduler; empty where the work runs here.

    A variable that is empty says nothing. Raises `UserError` for values that make no sense.
    """
    backend, jobs, scheduler = (os.environ.get(name, "").strip() for name in (BACKEND, JOBS, SCHEDULER))
    if backend not in ("", "local", "loky", "dask"):  # loky, as older scripts say it, is local
        raise UserError(f"{BACKEND} is {backend!r}", expected="'local' or 'dask', or nothing")
    if jobs and not (jobs.isdecimal() and 0 < len(jobs) < 6 and int(jobs)):
        raise UserError(f"{JOBS} is {jobs!r}", expected="a whole number of processes from 1 up")
    if backend == "dask" and not scheduler:
        raise UserError(
            f"{BACKEND} is 'dask', but no scheduler is named",
            expected=f"its address in {SCHEDULER}",
            hint="start one with 'dask scheduler'; it prints its address, such as tcp://10.0.0.1:8786",
        )
    # `make report` runs stages side by side already, so that one process is enough.
    return int(jobs or 1), scheduler if backend in ("", "dask") else ""


def _outcomes(
    work: Work, items: Mapping[str, Any], folder: Path, mode: Mode
) -> Iterator[tuple[str, Outcome]]:
    jobs, scheduler = where()
    if not scheduler and min(jobs, len(items)) <= 1:
        for label, item in items.items():
            yield label, outcome_here(work, folder, item)
        return
    with (
        _cluster(scheduler, mode, work, folder) if scheduler else _processes(jobs, mode, work, folder)
    ) as submit:
        futures = {submit(item): label for label, item in items.items()}
        for future in as_completed(futures):
            error = future.exception()
            ended = f"its worker ended ({type(error).__name__}); was there memory enough?"
            yield futures[future], future.result() if error is None else ended


@contextmanager
def _processes(jobs: int, mode: Mode, work: Work, folder: Path) -> Iterator[Submit]:
    """Processes of this machine, one for each item. Stages side by side take turns."""
    import locket

    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with locket.lock_file(str(LOCK)), ThreadPoolExecutor(jobs) as pool:
        try:
            yield lambda item: pool.submit(outcome_of_child, mode, work, folder, item)
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _cluster(scheduler: str, mode: Mode, work: Work, folder: Path) -> Iterator[Submit]:
    """The workers of a Dask scheduler; all get the folder's files, also those that join or come back."""
    import dask
    from distributed import Client

    named = f"the Dask scheduler at {scheduler}"
    try:
        client = Client(scheduler, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UserError(
            f"{named} cannot be reached: {(str(error).splitlines() or [type(error).__name__])[0]}",
            expected="the address that 'dask scheduler' printed, reachable from here",
            hint=f"start the scheduler, or correct {SCHEDULER}; without it the work runs on this machine",
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_TIMEOUT)
        except TimeoutError:
            raise UserError(
                f"{named} has had no worker for {WORKERS_TIMEOUT:g} seconds",
                expected="at least one",
                hint=f"start one with 'dask worker {scheduler}' where octrepro is installed",
            ) from None
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        name = f"octrepro-{digest_of(folder.iterdir(), folder)[:16]}"
        # As a task, which is done again where a worker that had the files is lost.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
            there: Any = client.submit(dict, files)
        pool = client.get_executor()  # type: ignore[no-untyped-call]
        yield lambda item: pool.submit(outcome_on_worker, mode, work, there, name, item)
