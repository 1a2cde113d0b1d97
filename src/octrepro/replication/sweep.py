"""Sweeps: settings of one experiment, the best of them chosen by validation accuracy alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from octrepro.compute.run import run
from octrepro.compute.settings import Compute
from octrepro.config import Experiment, Params
from octrepro.core import paths
from octrepro.core.files import write_json, write_text
from octrepro.core.records import RunRecord
from octrepro.core.tables import csv_text
from octrepro.replication.training import read_record, training_task

_COUNTED = ("val_correct", "val_total", "val_accuracy", "train_accuracy", "epochs", "diverged")


def run_sweep(dataset: str, name: str, params: Params, settings: Compute, what: str) -> dict[str, Any]:
    """Train every setting from the seed of params.yaml, select one, and measure that one on the test images.

    Parameters
    ----------
    dataset, name
        Keys of params.yaml.
    params
        All of it.
    settings
        Where the work runs.
    what
        The stage, for progress.

    Returns
    -------
    dict
        What figures and report read: `settings` in order, each with its parameters and its figures on
        training and validation images; `selected`, the position of the best (the first of equals; None when
        all diverged); and `test`, of the selected setting only.
    """
    sweep = params.sweeps[name]
    base = {**params.experiments, **params.variants}[sweep.base]
    experiments = sweep.experiments(base)
    tasks = [
        training_task(f"sweep {name} on {dataset}, {told}", experiment, params.seed, params.numerics)
        for told, experiment in (
            (", ".join(f"{key} {value}" for key, value in change.items()), experiment)
            for change, experiment in zip(sweep.changes, experiments, strict=True)
        )
    ]
    records = [read_record(result) for result in run(tasks, paths.prepared(dataset), settings, what)]
    selected = select(records)
    return {
        "dataset": dataset,
        "sweep": name,
        "base": sweep.base,
        "model": base.model,
        "seed": params.seed,
        "grid": bool(sweep.grid),
        "parameters": sweep.parameters,
        "settings": [
            {"parameters": _varied(experiment, sweep.parameters)} | _figures(record)
            for experiment, record in zip(experiments, records, strict=True)
        ],
        "selected": selected,
        "test": None if selected is None else _test(records[selected]),
    }


def select(records: Sequence[RunRecord]) -> int | None:
    """The position of the most validation images classified right, of those that did not diverge."""
    sound = [position for position, record in enumerate(records) if not record.metrics["diverged"]]
    return max(sound, key=lambda position: records[position].metrics["val_correct"], default=None)


def _varied(experiment: Experiment, parameters: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(experiment, name) for name in parameters}


def _figures(record: RunRecord) -> dict[str, Any]:
    losses = {f"{split}_loss": float(record.history[f"{split}_loss"][-1]) for split in ("train", "val")}
    return {name: record.metrics[name] for name in _COUNTED} | losses


def _test(record: RunRecord) -> dict[str, Any]:
    return {name: record.metrics[f"test_{name}"] for name in ("correct", "total", "accuracy")}


def write_sweep(found: dict[str, Any]) -> None:
    """Write the table for people, and the record that figures and report read."""
    dataset, name = found["dataset"], found["sweep"]
    write_text(paths.sweep_table(dataset, name), table(found))
    write_json(paths.sweep(dataset, name), found)


def table(found: dict[str, Any]) -> str:
    """A row for each setting: its parameters, figures on training and validation images, and the choice."""
    columns = ("val_accuracy", "val_loss", "train_accuracy", "train_loss", "diverged")
    rows = [
        [
            *setting["parameters"].values(),
            *(setting[column] for column in columns),
            position == found["selected"],
        ]
        for position, setting in enumerate(found["settings"])
    ]
    return csv_text([*found["parameters"], *columns, "selected"], rows)
