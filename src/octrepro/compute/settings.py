"""Where the work runs: said by environment variables, never by params.yaml."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from octrepro.core import UserError

BACKEND, JOBS, SCHEDULER = "OCTREPRO_BACKEND", "OCTREPRO_JOBS", "OCTREPRO_SCHEDULER"
# `loky` is what `local` was called before.
_LOCAL, _DASK = ("local", "loky"), "dask"


@dataclass(frozen=True)
class Compute:
    """Where the work runs.

    Attributes
    ----------
    jobs
        Processes of this machine. One by default: `make report` runs stages side by side already.
    scheduler
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``; None for this machine.
    workers_timeout
        Seconds to wait for the scheduler's first worker, which may stand in a queue.
    """

    jobs: int = 1
    scheduler: str | None = None
    workers_timeout: float = 600.0


def load_settings(environment: Mapping[str, str] | None = None) -> Compute:
    """Read the settings; a variable that is empty says nothing.

    Raises
    ------
    UserError
        When a value is not allowed, or Dask is asked for without an address.
    """
    given = os.environ if environment is None else environment
    backend, jobs, scheduler = (given.get(name, "").strip() for name in (BACKEND, JOBS, SCHEDULER))
    if backend and backend not in (*_LOCAL, _DASK):
        raise UserError(f"{BACKEND} is {backend!r}", expected=f"{_LOCAL[0]!r} or {_DASK!r}, or nothing")
    if jobs and not (jobs.isdecimal() and 0 < len(jobs) < 6 and int(jobs)):
        raise UserError(f"{JOBS} is {jobs!r}", expected="a whole number of processes from 1 up")
    if backend == _DASK and not scheduler:
        raise UserError(
            f"{BACKEND} is {_DASK!r}, but no scheduler is named",
            expected=f"its address in {SCHEDULER}",
            hint="start one with 'dask scheduler'; it prints its address, such as tcp://10.0.0.1:8786",
        )
    return Compute(int(jobs or 1), scheduler if scheduler and backend not in _LOCAL else None)
