"""What training a run comes to, and its two files: history.csv and weights.safetensors."""

import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from octrepro.core import UserError
from octrepro.core.files import write_bytes, write_text
from octrepro.models.layers import Layer

# Wraps the epochs to come, so that whoever started the training can show progress or take the time.
Watch = Callable[[Iterable[int]], Iterable[int]]


@dataclass(frozen=True)
class Epoch:
    """What is recorded after an epoch: losses in nats, accuracies as fractions; None where nothing is."""

    train_loss: float | None = None
    train_accuracy: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None

    @property
    def diverged(self) -> bool:
        """Whether a recorded loss is infinite or not a number."""
        return any(loss is not None and not math.isfinite(loss) for loss in (self.train_loss, self.val_loss))


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
        finite = all(np.isfinite(array).all() for array in arrays)
        return not finite or any(epoch.diverged for epoch in self.epochs[-1:])


COLUMNS = ("epoch", *(field.name for field in fields(Epoch)))


def write_history(path: Path | str, epochs: list[Epoch]) -> None:
    """Write history.csv: numbers as Python's repr, which reads back to the same bits."""
    lines = [",".join(COLUMNS)]
    for number, epoch in enumerate(epochs, start=1):
        cells = ("" if value is None else repr(float(value)) for value in astuple(epoch))
        lines.append(",".join([str(number), *cells]))
    write_text(path, "\n".join(lines) + "\n")


def read_history(path: Path | str) -> list[Epoch]:
    """Read what `write_history` wrote; a `UserError` when the file is missing or is not such a table."""
    try:
        header, *rows = csv.reader(Path(path).read_text(encoding="utf-8").splitlines())
        if tuple(header) != COLUMNS:
            raise ValueError(f"its columns are not {','.join(COLUMNS)}")
        return [Epoch(*(float(cell) if cell else None for cell in row[1:])) for row in rows if len(row) > 1]
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"cannot read {path}: {error}", hint="run 'dvc repro' to train anew") from None


def history_arrays(epochs: list[Epoch]) -> dict[str, NDArray[np.float64]]:
    """The columns as float64 arrays of shape (epochs,); NaN where nothing is recorded."""
    table = np.array([(number, *astuple(epoch)) for number, epoch in enumerate(epochs, 1)], np.float64)
    return dict(zip(COLUMNS, table.reshape(-1, len(COLUMNS)).T.copy(), strict=True))


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
