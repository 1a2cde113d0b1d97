"""A run record comes back as it was written."""

from pathlib import Path

import numpy as np
import pytest

from octrepro.core import UserError
from octrepro.core.records import RunRecord
from tests.records import record


@pytest.mark.parametrize("run", ["perceptron", "mlp"])  # with linear weights and without
def test_round_trip(tmp_path: Path, run: str) -> None:
    written = record(run)
    written.save(tmp_path / "run.npz")
    read = RunRecord.load(tmp_path / "run.npz")
    np.testing.assert_equal(vars(read), vars(written))
    assert read.to_bytes() == written.to_bytes()


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "run.npz", header=np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match="cannot read the run record"):
        RunRecord.load(tmp_path / "run.npz")
