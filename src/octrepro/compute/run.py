"""The one way to run many tasks: just what is missing, wherever the settings say, whatever fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from octrepro.compute.attempt import Order, Outcome
from octrepro.compute.backends import open_backend
from octrepro.compute.fingerprint import code_fingerprint, folder_digest
from octrepro.compute.progress import TaskBar
from octrepro.compute.settings import Compute
from octrepro.compute.store import Store
from octrepro.compute.task import Task
from octrepro.core import UserError

# How often work goes on after workers died; what had ended before is kept.
ROUNDS = 3
_FAILURES_SHOWN = 8


def run(
    tasks: Sequence[Task], folder: Path, settings: Compute, what: str, store: Store | None = None
) -> list[bytes]:
    """Run the tasks whose results are not there yet.

    Parameters
    ----------
    tasks
        Independent of each other.
    folder
        The data that every task reads.
    settings
        Where the work runs.
    what
        The stage, for progress.
    store
        Where results are kept.

    Returns
    -------
    list of bytes
        The result of each task, in the order of `tasks`: the same for any backend, any number of workers and
        any order of completion.

    Raises
    ------
    UserError
        When a task failed (each is named, and the others have been done), or workers kept dying.
    """
    work = _Work.prepare(tasks, folder, store or Store())
    if work.orders:
        with nullcontext() if settings.uses_dask else _whole_machine(work.store.folder):
            work.do(folder, settings, what)
    if work.failures:
        raise UserError(
            _listed(work.failures, tasks), hint="run the same command again: only these run again"
        )
    return [work.results[position] for position in range(len(tasks))]


@dataclass
class _Work:
    """Tasks, what has come of them so far, and where it is kept."""

    keys: list[str]
    orders: list[Order]
    store: Store
    results: dict[int, bytes]
    failures: dict[int, str] = field(default_factory=dict)

    @classmethod
    def prepare(cls, tasks: Sequence[Task], folder: Path, store: Store) -> _Work:
        data, code = folder_digest(folder), code_fingerprint()
        keys = [task.key(data, code) for task in tasks]
        kept = {i: result for i, key in enumerate(keys) if (result := store.read(key)) is not None}
        orders = [Order(i, task, data, code) for i, task in enumerate(tasks) if i not in kept]
        return cls(keys, orders, store, kept)

    @property
    def left(self) -> list[Order]:
        return [
            order for order in self.orders if order.position not in self.results.keys() | self.failures.keys()
        ]

    def do(self, folder: Path, settings: Compute, what: str) -> None:
        """Do what is left; go on from where it broke off when workers die."""
        reason = ""
        with open_backend(settings, folder) as backend:
            bar = TaskBar(what, len(self.keys), len(self.results), backend.slots)
            with closing(bar):
                for _ in range(ROUNDS):
                    try:
                        for outcome in backend.outcomes(self.left):
                            self._note(outcome, bar)
                    except UserError:
                        raise
                    except Exception as error:  # not of a task, which raises nothing: of the workers
                        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
                    if not self.left:
                        return
        raise UserError(
            f"{what}: {len(self.left)} tasks could not be done, because workers broke off ({reason})",
            expected="workers that live on, with memory enough",
            hint="run the same command again, with fewer at once (OCTREPRO_JOBS) if memory ran out; "
            "what has been done is kept",
        )

    def _note(self, outcome: Outcome, bar: TaskBar) -> None:
        if outcome.result is None:
            self.failures[outcome.position] = outcome.error or "no reason was given"
        else:
            self.store.write(self.keys[outcome.position], outcome.result)
            self.results[outcome.position] = outcome.result
        bar.ended(ok=outcome.result is not None)


def _listed(failures: Mapping[int, str], tasks: Sequence[Task]) -> str:
    count = f"{len(failures)} of {len(tasks)} tasks" if len(tasks) > 1 else "the task"
    shown = sorted(failures)[:_FAILURES_SHOWN]
    lines = [f"  {tasks[position].label}: {failures[position]}" for position in shown]
    if len(failures) > len(shown):
        lines.append(f"  ... and {len(failures) - len(shown)} more")
    return "\n".join([f"{count} failed:", *lines])


@contextmanager
def _whole_machine(folder: Path) -> Iterator[None]:
    """Hold the lock of those who use every core of this machine: stages side by side take turns."""
    try:
        import fcntl
    except ImportError:  # not on this system: stages share the cores then
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
