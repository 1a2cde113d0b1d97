"""One training and its evaluation, as a task that runs anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from octrepro.compute.task import Task
from octrepro.config import Experiment
from octrepro.core.numerics import Mode
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord

_EXPERIMENT: TypeAdapter[Experiment] = TypeAdapter(Experiment)


def training_task(label: str, experiment: Experiment, seed: int, numerics: Mode) -> Task:
    """The task of training `experiment` from `seed`; equal work has equal tasks, whoever asks for it."""
    arguments = {"experiment": experiment.model_dump(), "seed": seed, "numerics": numerics}
    return Task(label, f"{__name__}:train_and_evaluate", arguments, numerics)


def train_and_evaluate(folder: Path, arguments: dict[str, Any]) -> bytes:
    """Train on the prepared data in `folder`; the record of the run as the bytes of its file."""
    from octrepro.evaluation.evaluate import evaluate
    from octrepro.training.train import train

    data = Prepared.open(folder)
    experiment = _EXPERIMENT.validate_python(arguments["experiment"])
    numerics: Mode = arguments["numerics"]
    trained = train(data, experiment, arguments["seed"], numerics)
    # The record's names would tell apart what is the same work.
    return evaluate(data, experiment, trained, ("", ""), numerics).to_bytes()


def read_record(result: bytes) -> RunRecord:
    """The record that `train_and_evaluate` returned."""
    return RunRecord.from_bytes(result, "a task's result")
