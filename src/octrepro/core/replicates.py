"""A run from several seeds: what claims, figures and report read of its replicates."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from octrepro.core.errors import UserError
from octrepro.core.files import to_json, write_bytes
from octrepro.core.npz import DAMAGED, npz_bytes

if TYPE_CHECKING:
    from octrepro.core.records import RunRecord


@dataclass(frozen=True)
class Replicates:
    """What further seeds of one run came to; the run's own seed is not among them.

    Attributes
    ----------
    dataset, run
        Keys of params.yaml.
    experiment
        All parameters of the run, defaults included.
    seeds
        int64, shape (n,).
    metrics
        For each seed what metrics.json says of a run.
    history
        float64 arrays of shape (n, epochs) by column of history.csv; NaN where nothing is recorded, as after
        the epoch in which a seed diverged.
    val_predictions, test_predictions
        int64, shape (n, images).
    """

    dataset: str
    run: str
    experiment: dict[str, Any]
    seeds: NDArray[np.int64]
    metrics: list[dict[str, Any]]
    history: dict[str, NDArray[np.float64]]
    val_predictions: NDArray[np.int64]
    test_predictions: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        names: tuple[str, str],
        experiment: dict[str, Any],
        seeds: Sequence[int],
        records: Sequence[RunRecord],
    ) -> Replicates:
        """Gather the records of a run's seeds, in the order of `seeds`."""
        epochs = int(experiment["epochs"])
        columns = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")
        return cls(
            *names,
            experiment=experiment,
            seeds=np.array(seeds, dtype=np.int64),
            metrics=[record.metrics for record in records],
            history={
                name: _stacked([record.history[name] for record in records], epochs) for name in columns
            },
            val_predictions=_rows([record.val_predictions for record in records]),
            test_predictions=_rows([record.test_predictions for record in records]),
        )

    def __len__(self) -> int:
        return len(self.seeds)

    def final(self, column: str, position: int) -> float:
        """The last value of a seed's curve; NaN where the protocol records none."""
        epochs = int(self.metrics[position]["epochs"])
        return float(self.history[column][position, epochs - 1])

    def records(self, base: RunRecord) -> list[RunRecord]:
        """A record for each seed, given that of the run itself, which knows the labels."""
        return [
            dataclasses.replace(
                base,
                metrics=metrics,
                history={"epoch": np.arange(1.0, metrics["epochs"] + 1)}
                | {name: values[position, : metrics["epochs"]] for name, values in self.history.items()},
                val_predictions=self.val_predictions[position],
                test_predictions=self.test_predictions[position],
                linear_weights=None,
                replicates=None,
            )
            for position, metrics in enumerate(self.metrics)
        ]

    def save(self, path: Path | str) -> None:
        """Write an .npz of plain arrays, whole or not at all, the same bytes every time."""
        names = ("dataset", "run", "experiment", "metrics")
        header = {name: getattr(self, name) for name in names}
        arrays: dict[str, NDArray[Any]] = {
            "header": np.frombuffer(to_json(header).encode(), dtype=np.uint8),
            "seeds": self.seeds,
            **{f"history_{name}": values for name, values in self.history.items()},
            # Classes are few: thirty seeds fit into the place of four.
            "val_predictions": self.val_predictions.astype(np.uint8),
            "test_predictions": self.test_predictions.astype(np.uint8),
        }
        write_bytes(path, npz_bytes(arrays))

    @classmethod
    def load(cls, path: Path | str) -> Replicates:
        """Read what `save` wrote.

        Raises
        ------
        UserError
            When the file is missing or is not such a file.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            return cls(
                **json.loads(arrays["header"].tobytes()),
                seeds=arrays["seeds"],
                history={
                    name.removeprefix("history_"): values
                    for name, values in arrays.items()
                    if name.startswith("history_")
                },
                val_predictions=arrays["val_predictions"].astype(np.int64),
                test_predictions=arrays["test_predictions"].astype(np.int64),
            )
        except DAMAGED as error:
            raise UserError(
                f"cannot read the replicates {path}: {error}", hint="run 'dvc repro' to make them anew"
            ) from None


def _stacked(columns: Sequence[NDArray[np.float64]], epochs: int) -> NDArray[np.float64]:
    stacked = np.full((len(columns), epochs), np.nan)
    for row, column in zip(stacked, columns, strict=True):
        row[: len(column)] = column
    return stacked


def _rows(rows: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.stack(rows) if rows else np.empty((0, 0), dtype=np.int64)
