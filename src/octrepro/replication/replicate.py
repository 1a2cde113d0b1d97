"""Replicates: the same run from further seeds."""

from __future__ import annotations

from pathlib import Path

from octrepro.compute.settings import Compute
from octrepro.compute.task import Task
from octrepro.config import Experiment
from octrepro.core import paths
from octrepro.core.files import write_text
from octrepro.core.numerics import Mode
from octrepro.core.replicates import Replicates
from octrepro.core.tables import csv_text
from octrepro.replication.training import read_record, training_task

COLUMNS = ("seed", "train_accuracy", "val_accuracy", "test_accuracy", "train_loss", "val_loss", "diverged")


def train_replicates(
    names: tuple[str, str],
    experiment: Experiment,
    seeds: list[int],
    numerics: Mode,
    settings: Compute,
    what: str,
) -> Replicates:
    """Train a run from each seed.

    Parameters
    ----------
    names
        Data set and run.
    experiment
        The run's parameters.
    seeds
        Distinct.
    numerics
        As for the run itself.
    settings
        Where the work runs.
    what
        The stage, for progress.
    """
    dataset, name = names
    tasks = [training_task(f"{name} on {dataset}, seed {seed}", experiment, seed, numerics) for seed in seeds]
    records = [read_record(result) for result in _run(tasks, paths.prepared(dataset), settings, what)]
    return Replicates.of(names, experiment.model_dump(), seeds, records)


def _run(tasks: list[Task], folder: Path, settings: Compute, what: str) -> list[bytes]:
    if not tasks:
        return []
    # The libraries for it take a second to load, which a build without replicates need not wait for.
    from octrepro.compute.run import run

    return run(tasks, folder, settings, what)


def write_replicates(replicates: Replicates) -> None:
    """Write replicates.csv for people, and the record that claims, figures and report read."""
    dataset, name = replicates.dataset, replicates.run
    write_text(paths.replicates_table(dataset, name), table(replicates))
    replicates.save(paths.replicates(dataset, name))


def table(replicates: Replicates) -> str:
    """replicates.csv: a row for each seed; a cell is empty where the protocol records nothing."""
    rows = [
        (
            seed,
            *(metrics[f"{split}_accuracy"] for split in ("train", "val", "test")),
            *(replicates.final(f"{split}_loss", position) for split in ("train", "val")),
            metrics["diverged"],
        )
        for position, (seed, metrics) in enumerate(
            zip(replicates.seeds.tolist(), replicates.metrics, strict=True)
        )
    ]
    return csv_text(COLUMNS, rows)
