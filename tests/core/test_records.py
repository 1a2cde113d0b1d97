"""A run record comes back as it was written."""

from pathlib import Path

import numpy as np
import pytest

from octrepro.core import UserError
from octrepro.core.records import HISTORY_COLUMNS, RunRecord


@pytest.mark.parametrize("linear_weights", [np.eye(2), None], ids=["linear", "other"])
def test_round_trip(tmp_path: Path, linear_weights: np.ndarray | None) -> None:
    written = RunRecord(
        dataset="data",
        run="run",
        experiment={"model": "perceptron", "epochs": 2},
        history={name: np.array([1.0, np.nan]) for name in HISTORY_COLUMNS},
        metrics={"test_accuracy": 0.1, "confusion": [[1, 0], [0, 1]], "diverged": False},
        val_predictions=np.array([0, 1]),
        val_labels=np.array([0, 0]),
        test_predictions=np.array([1, 1, 0]),
        test_labels=np.array([1, 0, 0]),
        linear_weights=linear_weights,
    )
    written.save(tmp_path / "run.npz")
    read = RunRecord.load(tmp_path / "run.npz")
    np.testing.assert_equal(vars(read), vars(written))
    assert read.to_bytes() == written.to_bytes()


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "run.npz", header=np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match="cannot read the run record"):
        RunRecord.load(tmp_path / "run.npz")
