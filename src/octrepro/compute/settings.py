"""Where the work runs: said by environment variables, never by params.yaml."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from octrepro.core import UserError

BACKEND, JOBS, SCHEDULER = "OCTREPRO_BACKEND", "OCTREPRO_JOBS", "OCTREPRO_SCHEDULER"


@dataclass(frozen=True)
class Compute:
    """Where the work runs: in processes of this machine, or on the workers of a Dask scheduler."""

    # `make report` runs stages side by side already.
    jobs: int = 1
    scheduler: str | None = None
    # Seconds to wait for the scheduler's first worker, which may stand in a queue.
    workers_timeout: float = 600.0


def load_settings(environment: Mapping[str, str] = os.environ) -> Compute:
    """Read the settings; a variable that is empty says nothing. Raises `UserError` for other values."""
    backend, jobs, scheduler = (environment.get(name, "").strip() for name in (BACKEND, JOBS, SCHEDULER))
    if backend == "loky":  # as older scripts say it
        backend = "local"
    if backend not in ("", "local", "dask"):
        raise UserError(f"{BACKEND} is {backend!r}", expected="'local' or 'dask', or nothing")
    if jobs and not (jobs.isdecimal() and 0 < len(jobs) < 6 and int(jobs)):
        raise UserError(f"{JOBS} is {jobs!r}", expected="a whole number of processes from 1 up")
    if backend == "dask" and not scheduler:
        raise UserError(
            f"{BACKEND} is 'dask', but no scheduler is named",
            expected=f"its address in {SCHEDULER}",
            hint="start one with 'dask scheduler'; it prints its address, such as tcp://10.0.0.1:8786",
        )
    return Compute(int(jobs or 1), scheduler if scheduler and backend != "local" else None)
