"""The frame around every stage script: which stage, its parameters, numerics, errors."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import psutil

from octrepro.config.experiments import Experiment
from octrepro.config.loading import load_params
from octrepro.config.schema import Params
from octrepro.core import numerics
from octrepro.core.errors import UserError


@dataclass(frozen=True)
class Stage:
    """One stage of the pipeline, as DVC asked for it.

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
    ``DVC_STAGE``, so that no value of params.yaml is ever part of a shell command. By hand:
    ``DVC_STAGE=train@phantom-feedforward python stages/train.py``.
    """
    try:
        stage = _stage(name)
        for experiment in _trained(name, stage):
            _check_memory(stage.run, experiment)
        numerics.configure(stage.params.numerics)
        run(stage)
    except UserError as error:
        print(f"\n{name}: {error}\n", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _stage(name: str) -> Stage:
    """The stage that DVC names, which must be one of this script and of params.yaml."""
    address = os.environ.get("DVC_STAGE", "").rpartition(":")[2]
    kind, _, keys = address.partition("@")
    dataset, _, run = keys.partition("-")
    if kind.removesuffix("_variant") != name:
        raise UserError(
            f"this script is stage {name}, but DVC_STAGE is {address!r}",
            hint="'dvc stage list --name-only' lists the stages, 'dvc repro --single-item <stage>' runs one",
        )
    params = load_params()
    for key, known in ((dataset, params.datasets), (run, params.sweeps if name == "sweep" else params.runs)):
        if key and key not in known:
            raise UserError(f"params.yaml does not list {key!r}", expected=f"one of {', '.join(known)}")
    return Stage(address, dataset, run, params)


def _trained(name: str, stage: Stage) -> Sequence[Experiment]:
    """The experiments that a stage trains."""
    params = stage.params
    if name == "sweep":
        sweep = params.sweeps[stage.run]
        return sweep.experiments((params.experiments | params.variants)[sweep.base])
    return [params.runs[stage.run]] if name in {"train", "replicate"} else []


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
