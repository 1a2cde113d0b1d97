"""What is recorded after each epoch, and its file history.csv."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octrepro.core import UserError
from octrepro.core.files import write_text


@dataclass(frozen=True)
class Epoch:
    """One row: losses in nats, accuracies as fractions; None where the protocol records nothing."""

    train_loss: float | None = None
    train_accuracy: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None

    @property
    def diverged(self) -> bool:
        """Whether a recorded loss is infinite or not a number."""
        return any(loss is not None and not math.isfinite(loss) for loss in (self.train_loss, self.val_loss))


COLUMNS = ("epoch", *(field.name for field in fields(Epoch)))


def write_history(path: Path | str, epochs: list[Epoch]) -> None:
    """Write history.csv: numbers as Python's repr, which reads back to the same bits."""
    lines = [",".join(COLUMNS)]
    for number, epoch in enumerate(epochs, start=1):
        cells = ("" if value is None else repr(float(value)) for value in astuple(epoch))
        lines.append(",".join([str(number), *cells]))
    write_text(path, "\n".join(lines) + "\n")


def read_history(path: Path | str) -> list[Epoch]:
    """Read what `write_history` wrote.

    Raises
    ------
    UserError
        When the file is missing or is not such a table.
    """
    try:
        rows = list(csv.reader(io.StringIO(Path(path).read_text(encoding="utf-8"))))
        if not rows or tuple(rows[0]) != COLUMNS:
            raise ValueError(f"its columns are not {','.join(COLUMNS)}")
        return [
            Epoch(*(float(cell) if cell else None for cell in row[1:])) for row in rows[1:] if len(row) > 1
        ]
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"cannot read {path}: {error}", hint="run 'dvc repro' to train anew") from None


def history_arrays(epochs: list[Epoch]) -> dict[str, NDArray[np.float64]]:
    """The columns as float64 arrays of shape (epochs,); NaN where nothing is recorded."""
    arrays = {"epoch": np.arange(1, len(epochs) + 1, dtype=np.float64)}
    for position, name in enumerate(COLUMNS[1:]):
        column = [astuple(epoch)[position] for epoch in epochs]
        arrays[name] = np.array([math.nan if value is None else value for value in column], dtype=np.float64)
    return arrays
