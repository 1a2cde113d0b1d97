"""The one way to do many independent pieces of work, wherever the settings say, whatever fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octrepro.compute.child import Outcome, Work, outcome_of
from octrepro.compute.settings import SCHEDULER, Compute
from octrepro.core import UserError
from octrepro.core.numerics import Mode
from octrepro.core.progress import progress

if TYPE_CHECKING:
    from distributed import Client

LOCK = Path("build/compute.lock")
_FAILURES_SHOWN = 8


def run(
    work: Work, items: Mapping[str, Any], folder: Path, mode: Mode, settings: Compute, what: str
) -> Iterator[tuple[str, bytes]]:
    """Do ``work(folder, item)`` for every item and yield each result as it comes.

    Parameters
    ----------
    work
        A function of a module, so that any process can import it.
    items
        What to work on by a label that a person understands; independent of each other.
    folder
        The data that all of them read.
    mode
        How numbers are computed; this process has been configured so.
    settings
        Where the work runs. It changes no result.
    what
        The stage, for progress.

    Raises
    ------
    UserError
        At the end, when items failed: each is named, and the others have been done. At the start, when a
        Dask scheduler cannot be reached or has no worker.
    """
    on_workers = settings.scheduler is not None or min(settings.jobs, len(items)) > 1
    outcomes = (
        _on_workers(work, items, folder, mode, settings)
        if on_workers
        else ((label, outcome_of(work, folder, item)) for label, item in items.items())
    )
    failures: dict[str, str] = {}
    for label, outcome in progress(outcomes, len(items), what, "run"):
        if isinstance(outcome, bytes):
            yield label, outcome
        else:
            failures[label] = outcome
    if failures:
        raise UserError(
            _listed(failures, len(items)), hint="run the same command again: only these run again"
        )


def _on_workers(
    work: Work, items: Mapping[str, Any], folder: Path, mode: Mode, settings: Compute
) -> Iterator[tuple[str, Outcome]]:
    from distributed import as_completed

    from octrepro.compute.worker import attempt

    with ExitStack() as stack:
        if settings.scheduler is None:
            client, where = stack.enter_context(_local_client(min(settings.jobs, len(items)))), str(folder)
        else:
            client = stack.enter_context(_remote_client(settings.scheduler, settings.workers_timeout))
            where = stack.enter_context(_delivered(client, folder))
        # Two stages that send the same function must not share its results.
        send = partial(client.submit, attempt, mode, work, where, pure=False)
        futures = {send(item): label for label, item in items.items()}
        ended = []
        for future in as_completed(futures, loop=client.loop):  # type: ignore[no-untyped-call]
            if future.exception() is None:
                yield futures[future], future.result()
            else:
                ended.append(futures[future])
        # Once more, alone: a worker that ends takes along what waited there for its turn.
        for label in ended:
            future = send(items[label])
            error = future.exception()  # type: ignore[no-untyped-call]
            died = f"its worker ended ({type(error).__name__}); was there memory enough?"
            yield label, future.result() if error is None else died


@contextmanager
def _local_client(processes: int) -> Iterator[Client]:
    """Processes of this machine; they inherit this process's numerics. Stages side by side take turns."""
    import locket
    from distributed import Client, LocalCluster

    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with (
        locket.lock_file(str(LOCK)),
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=processes, threads_per_worker=1, memory_limit=0, dashboard_address=None
        ) as cluster,
        Client(cluster, set_as_default=False) as client,  # type: ignore[no-untyped-call]
    ):
        yield client


@contextmanager
def _remote_client(scheduler: str, workers_timeout: float) -> Iterator[Client]:
    from distributed import Client

    where = f"the Dask scheduler at {scheduler}"
    try:
        client = Client(scheduler, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UserError(
            f"{where} cannot be reached: {(str(error).splitlines() or [type(error).__name__])[0]}",
            expected="the address that 'dask scheduler' printed, reachable from here",
            hint=f"start the scheduler, or correct {SCHEDULER}; without it the work runs on this machine",
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=workers_timeout)
        except TimeoutError:
            raise UserError(
                f"{where} has had no worker for {workers_timeout:g} seconds",
                expected="at least one",
                hint=f"start one with 'dask worker {scheduler}' where octrepro is installed",
            ) from None
        yield client


@contextmanager
def _delivered(client: Client, folder: Path) -> Iterator[str]:
    """The folder's files on the disk of every worker, as long as they are needed; its name there."""
    from octrepro.compute.worker import Delivery

    delivery = Delivery(folder)
    client.register_plugin(delivery)
    try:
        yield delivery.name
    finally:
        client.unregister_worker_plugin(delivery.name)  # type: ignore[no-untyped-call]


def _listed(failures: Mapping[str, str], total: int) -> str:
    lines = [f"  {label}: {reason}" for label, reason in list(failures.items())[:_FAILURES_SHOWN]]
    if len(failures) > len(lines):
        lines.append(f"  ... and {len(failures) - len(lines)} more")
    return "\n".join([f"{len(failures)} of {total} failed:", *lines])
