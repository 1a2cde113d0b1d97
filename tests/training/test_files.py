import math
from pathlib import Path

import numpy as np

from octrepro.models.layers import Layer
from octrepro.training.result import Epoch, read_history, read_weights, write_history, write_weights

EPOCHS = [
    Epoch(train_loss=1 / 3, val_loss=0.1, val_accuracy=2 / 3),
    Epoch(train_loss=math.inf, val_loss=math.nan, val_accuracy=0.0),
]
HEADER = "epoch,train_loss,train_accuracy,val_loss,val_accuracy\n"


def test_history_reads_back_to_the_same_bits_and_leaves_unrecorded_cells_empty(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    write_history(path, EPOCHS)
    assert path.read_text() == HEADER + "1,0.3333333333333333,,0.1,0.6666666666666666\n2,inf,,nan,0.0\n"
    first, second = read_history(path)
    assert (first, second.train_loss) == (EPOCHS[0], math.inf)
    assert (first.diverged, second.diverged) == (False, True)


def test_weights_read_back_to_the_same_bits(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    written = [Layer(np.ones((2, 3), dtype), np.array([0.1, np.nan], dtype)) for dtype in ("f4", "f8")]
    write_weights(path, written, updates=12)
    read, updates = read_weights(path)
    assert updates == 12
    for got, expected in zip(read, written, strict=True):
        np.testing.assert_array_equal(got.weight, expected.weight, strict=True)
        np.testing.assert_array_equal(got.bias, expected.bias, strict=True)
