"""Sweeps: settings of one experiment, the best of them chosen by validation accuracy alone."""

from collections.abc import Sequence

import pandas as pd

from octrepro.config.schema import Params
from octrepro.core import paths
from octrepro.core.files import write_json, write_text
from octrepro.core.records import RunRecord
from octrepro.replication.replicate import final_losses
from octrepro.replication.training import Training, train_all

_MEASURES = ("val_correct", "val_total", "val_accuracy", "train_accuracy", "epochs", "diverged")
_TABLE = ("val_accuracy", "val_loss", "train_accuracy", "train_loss", "diverged")


def sweep(dataset: str, name: str, params: Params, what: str) -> None:
    """Train every setting from the seed of params.yaml, select one, and measure that one on the test images.

    Writes a table for people, a row for each setting, and what figures and report read: `settings` in order,
    each with its parameters and its figures on training and validation images; `selected`, the position of
    the best (the first of equals; None when all diverged); and `test`, of the selected setting only.
    """
    asked = params.sweeps[name]
    base = (params.experiments | params.variants)[asked.base]
    experiments = asked.experiments(base)
    labels = [", ".join(f"{key} {value}" for key, value in change.items()) for change in asked.changes]
    trainings = [
        Training(f"sweep {name} on {dataset}, {label}", experiment, params.seed, params.numerics)
        for label, experiment in zip(labels, experiments, strict=True)
    ]
    records = train_all(dataset, trainings, what)
    selected = select(records)
    best = {} if selected is None else records[selected].metrics
    varied = [{key: getattr(experiment, key) for key in asked.parameters} for experiment in experiments]
    measures = [{key: each.metrics[key] for key in _MEASURES} | final_losses(each) for each in records]
    found = {
        "dataset": dataset,
        "sweep": name,
        "base": asked.base,
        "seed": params.seed,
        "parameters": asked.parameters,
        "settings": [{"parameters": own} | measured for own, measured in zip(varied, measures, strict=True)],
        "selected": selected,
        "test": {key: best[f"test_{key}"] for key in ("correct", "total", "accuracy")} if best else None,
    }
    table = pd.DataFrame(varied).join(pd.DataFrame(measures, columns=_TABLE))
    table["selected"] = [position == selected for position in range(len(table))]
    write_text(paths.sweep_table(dataset, name), table.to_csv(index=False, lineterminator="\n"))
    write_json(paths.sweep(dataset, name), found)


def select(records: Sequence[RunRecord]) -> int | None:
    """The position of the most validation images classified correctly, of those that did not diverge."""
    finite = [position for position, record in enumerate(records) if not record.metrics["diverged"]]
    return max(finite, key=lambda position: records[position].metrics["val_correct"], default=None)
