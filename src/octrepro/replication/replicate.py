"""Replicates: the same run from further seeds."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from octrepro.compute.settings import Compute
from octrepro.config import Experiment
from octrepro.core import paths
from octrepro.core.files import atomic_directory, write_text
from octrepro.core.numerics import Mode
from octrepro.core.records import RunRecord
from octrepro.replication.training import Training, train_all

COLUMNS = ("seed", "train_accuracy", "val_accuracy", "test_accuracy", "train_loss", "val_loss", "diverged")


def replicate(
    names: tuple[str, str],
    experiment: Experiment,
    seeds: Sequence[int],
    numerics: Mode,
    settings: Compute,
    what: str,
) -> None:
    """Train a run from each seed; write replicates.csv for people and the records that the report reads.

    Parameters
    ----------
    names
        Data set and run.
    experiment
        The run's parameters.
    seeds
        Distinct; without any, the table has a header only and the folder of records is empty.
    numerics
        As for the run itself.
    settings
        Where the work runs.
    what
        The stage, for progress.
    """
    import pandas as pd

    dataset, run = names
    trainings = [Training(f"{run} on {dataset}, seed {seed}", experiment, seed, numerics) for seed in seeds]
    records = dict(zip(seeds, train_all(dataset, trainings, settings, what), strict=True))
    rows = [_row(seed, record) for seed, record in records.items()]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(index=False, lineterminator="\n")
    with atomic_directory(paths.replicates(dataset, run)) as folder:
        for seed, record in records.items():
            dataclasses.replace(record, dataset=dataset, run=run).save(folder / f"{seed}.npz")
    write_text(paths.replicates_table(dataset, run), table)


def _row(seed: int, record: RunRecord) -> dict[str, Any]:
    """The final values of a seed; a loss is NaN, and its cell empty, where the protocol records none."""
    losses = {name: float(record.history[name][-1]) for name in ("train_loss", "val_loss")}
    metrics = {name: record.metrics[name] for name in COLUMNS if name in record.metrics}
    return {"seed": seed} | metrics | losses
