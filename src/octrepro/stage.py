"""The frame around every stage script: which stage, its parameters, numerics, errors."""

import os
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import psutil

from octrepro.config.experiments import Experiment
from octrepro.config.loading import load_params
from octrepro.config.schema import Params
from octrepro.core import numerics
from octrepro.core.errors import UserError

OF_NO_DATASET = {"boolean"}
OF_ONE_RUN = {"train", "evaluate", "replicate", "sweep"}


@dataclass(frozen=True)
class Stage:
    """One stage of the pipeline, as DVC or a person asked for it.

    `dataset` and `run` are the keys of params.yaml that it is for; empty where the stage has no such
    dimension. The stage sweep has the name of a sweep in place of a run's.
    """

    address: str  # as DVC names it, such as train@phantom-feedforward
    dataset: str
    run: str
    params: Params


def main(name: str, run: Callable[[Stage], None]) -> None:
    """Run a stage script: parse, validate, configure numerics, call `run`, report errors in one message.

    DVC starts every stage with the same plain command and names it in the environment variable
    ``DVC_STAGE``, so that no value of params.yaml is ever part of a shell command. By hand, the data set
    and the run are arguments: ``python stages/train.py phantom feedforward``.
    """
    try:
        keys = _keys(name)
        dataset, key = [*keys, "", ""][:2]
        params = load_params()
        _check_known("data set", dataset, params.datasets)
        if name == "sweep":
            _check_known("sweep", key, params.sweeps)
            sweep = params.sweeps[key]
            for experiment in sweep.experiments((params.experiments | params.variants)[sweep.base]):
                _check_memory(f"a setting of {key}", experiment)
        else:
            _check_known("run", key, params.runs)
            if name in {"train", "replicate"}:
                _check_memory(key, params.runs[key])
        numerics.configure(params.numerics)
        run(Stage(f"{name}@{'-'.join(keys)}" if keys else name, dataset, key, params))
    except UserError as error:
        print(f"\n{name}: {error}\n", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _keys(name: str) -> list[str]:
    """Data set and run from the command line, or from DVC's address of the stage."""
    keys, address = sys.argv[1:], os.environ.get("DVC_STAGE", "")
    if not keys and address:
        stage, _, key = address.rpartition(":")[2].partition("@")
        if stage.removesuffix("_variant") != name:
            raise UserError(f"this script is stage {name}, but DVC_STAGE names {address!r}")
        keys = key.split("-") if key else []
    wanted = ["<dataset>", "<run>"][: 0 if name in OF_NO_DATASET else 1 + (name in OF_ONE_RUN)]
    if len(keys) != len(wanted) or any(key.startswith("-") for key in keys):
        raise UserError(
            f"cannot read the arguments {' '.join(keys)!r}",
            expected=" ".join(["python", f"stages/{name}.py", *wanted]),
        )
    return keys


def _check_known(kind: str, key: str, known: Collection[str]) -> None:
    if key and key not in known:
        listed = ", ".join(known) or "none"
        raise UserError(f"{key!r} is not a {kind} of params.yaml", expected=f"one of {listed}")


def _least_memory(experiment: Experiment) -> int:
    """Bytes that training cannot do without: weights, gradients, optimizer state and a batch's activations.

    For gray images of 28 x 28 pixels in four classes; color and more classes add to it.
    """
    wanted: dict[str, Any] = experiment.model_dump()
    hidden: list[int] = []
    if "hidden_size" in wanted:
        hidden = [wanted["hidden_size"]] * wanted.get("hidden_layers", 1)
    weights = sum(inputs * outputs for inputs, outputs in pairwise([28 * 28, *hidden, 4]))
    if "batch_size" not in wanted:  # from scratch: double precision, an image at a time
        return 8 * 2 * weights
    copies = 4 if wanted["optimizer"] == "adam" else 2
    # Each layer keeps its outputs before and after the activation for the backward pass.
    activations: int = wanted["batch_size"] * (28 * 28 + 2 * sum(hidden))
    return 4 * (copies * weights + activations)


def _check_memory(name: str, experiment: Experiment) -> None:
    needed, total = _least_memory(experiment) / 2**30, psutil.virtual_memory().total / 2**30
    if needed > total:
        raise UserError(
            f"{name} needs at least {needed:,.1f} GiB of memory, this machine has {total:,.1f}",
            expected="a network and batches that fit",
            hint="lower hidden_size, hidden_layers or batch_size in params.yaml; nothing has been run",
        )
