"""Where the work runs: from the environment or from compute.yaml, never from params.yaml."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from octrepro.config.fields import Strict, Text
from octrepro.config.loading import read_yaml, validated
from octrepro.core import UserError

FILE = Path("compute.yaml")
VARIABLES = {"backend": "OCTREPRO_BACKEND", "jobs": "OCTREPRO_JOBS", "scheduler": "OCTREPRO_SCHEDULER"}

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Compute(Strict):
    """Where the work runs.

    Attributes
    ----------
    backend
        `loky`: processes of this machine. `dask`: the workers of a Dask scheduler. Where it is not said, a
        scheduler's address means `dask`.
    jobs
        Processes at once with `loky`; all cores where it is not said. With `dask` the workers decide.
    scheduler
        Address of the Dask scheduler, such as ``tcp://10.0.0.1:8786``.
    connect_timeout, workers_timeout
        Seconds to wait for the scheduler, and for its first worker (which may stand in a queue).
    """

    backend: Literal["loky", "dask"] | None = None
    jobs: Annotated[int, Field(gt=0, strict=True)] | None = None
    scheduler: Text | None = None
    connect_timeout: Seconds = 10.0
    workers_timeout: Seconds = 600.0

    @property
    def uses_dask(self) -> bool:
        """Whether the work goes to a Dask scheduler."""
        return self.backend == "dask" or (self.backend is None and self.scheduler is not None)


def load_settings(environment: Mapping[str, str] | None = None, file: Path = FILE) -> Compute:
    """Read the settings; the environment goes before the file.

    Raises
    ------
    UserError
        When a value is not allowed, or Dask is asked for without an address.
    """
    given = os.environ if environment is None else environment
    content = read_yaml(file) or {} if file.exists() else {}
    validated(Compute, content, str(file))
    ours: dict[str, Any] = {key: given[name] for key, name in VARIABLES.items() if given.get(name)}
    if "jobs" in ours and ours["jobs"].isdecimal():
        ours["jobs"] = int(ours["jobs"])
    settings = validated(Compute, {**content, **ours}, f"the environment ({', '.join(VARIABLES.values())})")
    if settings.uses_dask and settings.scheduler is None:
        raise UserError(
            "the backend is dask, but no scheduler is named",
            expected=f"its address in {VARIABLES['scheduler']} or as `scheduler` in {file}",
            hint="start one with 'dask scheduler'; it prints its address, such as tcp://10.0.0.1:8786",
        )
    return settings
