"""The record of a run: one file with all that claims, figures and report read."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.core import paths
from octrepro.core.errors import UserError
from octrepro.core.files import to_json, write_bytes, write_npz

_HEADER = ("dataset", "run", "experiment", "metrics")
_ARRAYS = ("val_predictions", "val_labels", "test_predictions", "test_labels")


@dataclass(frozen=True)
class RunRecord:
    """What one run of one data set came to."""

    dataset: str  # this and `run` are keys of params.yaml
    run: str
    experiment: dict[str, Any]  # all parameters of the run, defaults included
    history: dict[str, NDArray[np.float64]]  # columns of history.csv, (epochs,); NaN where it is empty
    metrics: dict[str, Any]  # the content of metrics.json
    val_predictions: NDArray[np.int64]  # these four of shape (n,)
    val_labels: NDArray[np.int64]
    test_predictions: NDArray[np.int64]
    test_labels: NDArray[np.int64]
    linear_weights: NDArray[np.float64] | None = None  # (classes, features), of models that are linear
    # The same run's record from each further seed; files of their own, not part of this one's.
    replicates: dict[int, RunRecord] = field(default_factory=dict)

    def save(self, path: Path | str) -> None:
        """Write the record as an .npz of plain arrays, whole or not at all."""
        write_bytes(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """The content of the record's file, the same bytes every time."""
        header = to_json({name: getattr(self, name) for name in _HEADER})
        arrays: dict[str, NDArray[Any]] = {
            "header": np.frombuffer(header.encode(), dtype=np.uint8),
            **{f"history_{name}": column for name, column in self.history.items()},
            **{name: getattr(self, name) for name in _ARRAYS},
        }
        if self.linear_weights is not None:
            arrays["linear_weights"] = self.linear_weights
        buffer = io.BytesIO()
        write_npz(buffer, arrays)
        return buffer.getvalue()

    @classmethod
    def load(cls, path: Path | str) -> RunRecord:
        """Read a record; raises `UserError` when the file is missing or is not a record."""
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = dict(file)
            return cls(
                **json.loads(arrays["header"].tobytes()),
                history={
                    name.removeprefix("history_"): column
                    for name, column in arrays.items()
                    if name.startswith("history_")
                },
                linear_weights=arrays.get("linear_weights"),
                **{name: arrays[name] for name in _ARRAYS},
            )
        except Exception as error:  # NumPy, zipfile and zlib raise a dozen types on damaged bytes
            raise UserError(
                f"cannot read the run record {path}: {error}", hint="run 'dvc repro' to make it anew"
            ) from None


def load_records(dataset: str, runs: Iterable[str], *, replicated: Container[str]) -> dict[str, RunRecord]:
    """The records of `runs`, in the order given, with the replicates of those in `replicated`."""
    return {
        run: dataclasses.replace(
            RunRecord.load(paths.record(dataset, run)),
            replicates=load_replicates(dataset, run) if run in replicated else {},
        )
        for run in runs
    }


def load_replicates(dataset: str, run: str) -> dict[int, RunRecord]:
    """The records of a run's further seeds, in the order of the seeds; empty where none were asked for."""
    folder = paths.replicates(dataset, run)
    if not folder.is_dir():
        raise UserError(f"{folder} is missing", hint="run 'dvc repro' to train from further seeds")
    seeds = sorted(int(path.stem) for path in folder.glob("*.npz") if path.stem.isdecimal())
    return {seed: RunRecord.load(folder / f"{seed}.npz") for seed in seeds}
