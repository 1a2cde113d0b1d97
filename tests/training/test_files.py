import math
from pathlib import Path

import numpy as np
import pytest

from octrepro.models.layers import Layer
from octrepro.training.result import Trained, read_history, read_weights, write_history, write_weights

LAYERS = [Layer(np.ones((2, 3), dtype), np.array([0.1, 0.2], dtype)) for dtype in ("f4", "f8")]
EPOCHS = [
    {"epoch": 1, "train_loss": 1 / 3, "train_accuracy": None, "val_loss": 0.1, "val_accuracy": 2 / 3},
    {"epoch": 2, "train_loss": math.inf, "train_accuracy": None, "val_loss": 0.2, "val_accuracy": 0.0},
]


def test_history_reads_back_to_the_same_bits_and_leaves_unrecorded_cells_empty(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    write_history(path, EPOCHS)
    header = "epoch,train_loss,train_accuracy,val_loss,val_accuracy\n"
    assert path.read_text() == header + "1,0.3333333333333333,,0.1,0.6666666666666666\n2,inf,,0.2,0.0\n"
    assert read_history(path) == EPOCHS


@pytest.mark.parametrize("loss", [math.inf, -math.inf, math.nan])
def test_a_run_has_diverged_where_the_last_loss_or_a_weight_is_no_number(tmp_path: Path, loss: float) -> None:
    path = tmp_path / "history.csv"
    write_history(path, [{"epoch": 1, "val_loss": loss, "val_accuracy": 0.5}])
    ended = read_history(path)
    assert Trained(LAYERS, ended, 1).diverged
    assert not Trained(LAYERS, [*ended, *EPOCHS[:1]], 2).diverged
    assert Trained([*LAYERS, Layer(np.full((1, 2), loss), np.zeros(1))], EPOCHS[:1], 1).diverged


def test_weights_read_back_to_the_same_bits(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    write_weights(path, LAYERS, updates=12)
    read, updates = read_weights(path)
    assert updates == 12
    for got, expected in zip(read, LAYERS, strict=True):
        np.testing.assert_array_equal(got.weight, expected.weight, strict=True)
        np.testing.assert_array_equal(got.bias, expected.bias, strict=True)
