"""What training a run comes to, and its two files: history.csv and weights.safetensors."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from octrepro.core import UserError
from octrepro.core.files import atomic_path, write_bytes
from octrepro.models.layers import Layer

# Wraps the epochs to come, so that whoever started the training can show progress or take the time.
Watch = Callable[[Iterable[int]], Iterable[int]]


COLUMNS = ("epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy")

# What is recorded after an epoch, by column: losses in nats, accuracies as fractions; None where nothing is.
Epoch = dict[str, float | None]


@dataclass(frozen=True)
class Trained:
    """A trained model: the weights after the last epoch, all epochs, and how often the weights changed."""

    layers: list[Layer]
    epochs: list[Epoch]
    updates: int

    @property
    def diverged(self) -> bool:
        """Whether training has left the numbers: the last loss or a weight is infinite or not a number.

        Weights are looked at too because some models record no loss.
        """
        arrays = [array for layer in self.layers for array in (layer.weight, layer.bias)]
        arrays += [
            np.array(value) for epoch in self.epochs[-1:] for value in epoch.values() if value is not None
        ]
        return not all(np.isfinite(array).all() for array in arrays)


def write_history(path: Path | str, epochs: list[Epoch]) -> None:
    """Write history.csv: numbers as Python's repr, which reads back to the same bits."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(epochs)


def read_history(path: Path | str) -> list[Epoch]:
    """Read what `write_history` wrote; a `UserError` when the file is missing or is not such a table."""
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file)
            if table.fieldnames != list(COLUMNS):
                raise ValueError(f"its columns are not {','.join(COLUMNS)}")
            return [{name: float(cell) if cell else None for name, cell in row.items()} for row in table]
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise UserError(f"cannot read {path}: {error}", hint="run 'dvc repro' to train anew") from None


def write_weights(path: Path | str, layers: list[Layer], updates: int) -> None:
    """Write layer i as ``layers.i.weight`` and ``layers.i.bias``, and how many updates made them.

    The file is safetensors: plain arrays, no code, the same bytes every time.
    """
    arrays = {}
    for position, layer in enumerate(layers):
        arrays[f"layers.{position}.weight"] = layer.weight
        arrays[f"layers.{position}.bias"] = layer.bias
    write_bytes(path, save(arrays, metadata={"updates": str(updates)}))


def read_weights(path: Path | str) -> tuple[list[Layer], int]:
    """Read what `write_weights` wrote; a `UserError` when the file is missing or is not such a file."""
    try:
        with safe_open(str(path), framework="np") as file:
            layers = [
                Layer(file.get_tensor(f"layers.{i}.weight"), file.get_tensor(f"layers.{i}.bias"))
                for i in range(len(file.keys()) // 2)
            ]
            return layers, int((file.metadata() or {})["updates"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise UserError(
            f"cannot read the weights {path}: {error}", hint="run 'dvc repro' to train anew"
        ) from None
