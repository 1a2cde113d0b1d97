"""Replicates: the same run from further seeds."""

import dataclasses
from collections.abc import Sequence

import pandas as pd

from octrepro.config.experiments import Experiment
from octrepro.core import paths
from octrepro.core.files import atomic_directory, write_text
from octrepro.core.numerics import Mode
from octrepro.core.records import RunRecord
from octrepro.replication.training import Training, train_all

COLUMNS = ["seed", "train_accuracy", "val_accuracy", "test_accuracy", "train_loss", "val_loss", "diverged"]


def replicate(
    names: tuple[str, str],
    experiment: Experiment,
    seeds: Sequence[int],
    numerics: Mode,
    what: str,
) -> None:
    """Train a run from each seed; write replicates.csv for people and the records that the report reads.

    `names` are those of data set and run, `experiment` and `numerics` the run's own. Without seeds the table
    has a header only, and the folder of records is empty.
    """
    dataset, run = names
    trainings = [Training(f"{run} on {dataset}, seed {seed}", experiment, seed, numerics) for seed in seeds]
    records = dict(zip(seeds, train_all(dataset, trainings, what), strict=True))
    # A loss is NaN, and its cell empty, where the protocol records none.
    rows = [{"seed": seed} | record.metrics | final_losses(record) for seed, record in records.items()]
    with atomic_directory(paths.replicates(dataset, run)) as folder:
        for seed, record in records.items():
            dataclasses.replace(record, dataset=dataset, run=run).save(folder / f"{seed}.npz")
    table = pd.DataFrame(rows, columns=COLUMNS).to_csv(index=False, lineterminator="\n")
    write_text(paths.replicates_table(dataset, run), table)


def final_losses(record: RunRecord) -> dict[str, float]:
    """The losses after the last epoch."""
    return {f"{split}_loss": float(record.history[f"{split}_loss"][-1]) for split in ("train", "val")}
