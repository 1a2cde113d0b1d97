"""The frame around every stage script: which stage, its parameters, numerics, errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from octrepro.config import Params, load_params
from octrepro.config.memory import check_memory
from octrepro.core import numerics
from octrepro.core.errors import UserError


@dataclass(frozen=True)
class Stage:
    """One stage of the pipeline, as DVC or a person asked for it.

    Attributes
    ----------
    name
        The stage's verb, such as ``train``.
    dataset, run
        The keys of params.yaml it is for; None where the stage has no such dimension. The stage sweep has
        the name of a sweep in place of a run's.
    params
        All of params.yaml, validated.
    """

    name: str
    dataset: str | None
    run: str | None
    params: Params

    @property
    def address(self) -> str:
        """The stage as DVC names it, such as ``train@phantom-feedforward``."""
        key = "-".join(part for part in (self.dataset, self.run) if part)
        return f"{self.name}@{key}" if key else self.name

    @property
    def the_dataset(self) -> str:
        """The data set's name, for stages that have one."""
        if self.dataset is None:
            raise UserError(f"stage {self.name} needs a data set", expected=f"{self.name}@<dataset>")
        return self.dataset

    @property
    def the_run(self) -> str:
        """The run's name, for stages that have one."""
        if self.run is None:
            raise UserError(f"stage {self.name} needs a run", expected=f"{self.name}@<dataset>-<run>")
        return self.run


def main(name: str, run: Callable[[Stage], None]) -> None:
    """Run a stage script: parse, validate, configure numerics, call `run`, report errors in one message.

    DVC starts every stage with the same plain command and names it in the environment variable
    ``DVC_STAGE``, so that no value of params.yaml is ever part of a shell command. By hand, the data set
    and the run are arguments: ``python stages/train.py phantom feedforward``.
    """
    try:
        dataset, run_name = _dimensions(name, sys.argv[1:], os.environ.get("DVC_STAGE", ""))
        params = load_params()
        _check_known(params, dataset, run_name, sweep=name == "sweep")
        if run_name is not None and name in {"train", "replicate"}:
            check_memory(run_name, params.runs[run_name])
        elif run_name is not None and name == "sweep":
            sweep = params.sweeps[run_name]
            for experiment in sweep.experiments({**params.experiments, **params.variants}[sweep.base]):
                check_memory(f"a setting of {run_name}", experiment)
        numerics.configure(params.numerics)
        run(Stage(name, dataset, run_name, params))
    except UserError as error:
        print(f"\n{name}: {error}\n", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _dimensions(name: str, arguments: list[str], address: str) -> tuple[str | None, str | None]:
    """Data set and run from the command line, or from DVC's address of the stage."""
    if not arguments and address:
        stage, _, key = address.rpartition(":")[2].partition("@")
        if stage.removesuffix("_variant") != name:
            raise UserError(f"this script is stage {name}, but DVC_STAGE names {address!r}")
        arguments = key.split("-") if key else []
    if len(arguments) > 2 or any(argument.startswith("-") for argument in arguments):
        raise UserError(
            f"cannot read the arguments {' '.join(arguments)!r}",
            expected=f"python stages/{name}.py [dataset [run]]",
        )
    padded: list[str | None] = [*arguments, None, None]
    return padded[0], padded[1]


def _check_known(params: Params, dataset: str | None, run: str | None, *, sweep: bool) -> None:
    if dataset is not None and dataset not in params.datasets:
        raise UserError(
            f"{dataset!r} is not a data set of params.yaml", expected=f"one of {', '.join(params.datasets)}"
        )
    known = list(params.sweeps if sweep else params.runs)
    if run is not None and run not in known:
        kind = "sweep" if sweep else "run"
        raise UserError(
            f"{run!r} is not a {kind} of params.yaml", expected=f"one of {', '.join(known) or 'none'}"
        )
