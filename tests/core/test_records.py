"""A run record comes back as it was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from octrepro.core import UserError
from octrepro.core.records import HISTORY_COLUMNS, RunRecord


def record(linear: bool = True) -> RunRecord:
    return RunRecord(
        dataset="data",
        run="run",
        experiment={"model": "perceptron", "epochs": 2},
        history={name: np.array([1.0, np.nan]) for name in HISTORY_COLUMNS},
        metrics={"test_accuracy": 0.1, "confusion": [[1, 0], [0, 1]], "diverged": False},
        val_predictions=np.array([0, 1]),
        val_labels=np.array([0, 0]),
        test_predictions=np.array([1, 1, 0]),
        test_labels=np.array([1, 0, 0]),
        linear_weights=np.eye(2) if linear else None,
    )


@pytest.mark.parametrize("linear", [True, False])
def test_round_trip(tmp_path: Path, linear: bool) -> None:
    path = tmp_path / "run.npz"
    written = record(linear)
    written.save(path)
    read = RunRecord.load(path)
    assert read.metrics == written.metrics
    assert read.experiment == written.experiment
    np.testing.assert_array_equal(read.history["val_loss"], written.history["val_loss"])
    np.testing.assert_array_equal(read.test_predictions, written.test_predictions)
    assert (read.linear_weights is not None) == linear


def test_files_that_are_no_records_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    with pytest.raises(UserError, match="cannot read"):
        RunRecord.load(path)
    path.write_bytes(b"PK not really")
    with pytest.raises(UserError, match="cannot read"):
        RunRecord.load(path)
    np.savez(path, header=np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match="cannot read"):
        RunRecord.load(path)
