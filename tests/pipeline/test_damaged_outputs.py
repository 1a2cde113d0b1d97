"""An output damaged on disk is refused with a message by the stage that reads it, or read whole."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octrepro.core import UserError
from octrepro.core.files import read_json, write_json
from octrepro.core.records import RunRecord
from octrepro.models.layers import Layer
from octrepro.training.result import COLUMNS, read_history, read_weights, write_history, write_weights

CASES = 300
LABELS = np.array([0, 1, 2])
HISTORY = {name: np.arange(3.0) for name in COLUMNS}
RECORD = RunRecord("d", "r", {"epochs": 3}, HISTORY, {"test_total": 3}, LABELS, LABELS, LABELS, LABELS)
LAYERS = [Layer(np.ones(shape, np.float32), np.zeros(shape[0], np.float32)) for shape in ((3, 4), (2, 3))]
EPOCHS = [{"epoch": 1, "train_loss": 0.5}, {"epoch": 2, "val_loss": 1.5}]

# How each is written and read.
OUTPUTS: dict[str, tuple[Callable[[Path], None], Callable[[Path], Any]]] = {
    "record.npz": (RECORD.save, RunRecord.load),
    "weights.safetensors": (lambda path: write_weights(path, LAYERS, 7), read_weights),
    "history.csv": (lambda path: write_history(path, EPOCHS), read_history),
    "claims.json": (lambda path: write_json(path, [{"id": "a", "verdict": "holds"}]), read_json),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_damage_gives_a_message(tmp_path: Path, name: str) -> None:
    write, read = OUTPUTS[name]
    path = tmp_path / name
    with pytest.raises(UserError, match="dvc repro"):
        read(path)
    write(path)
    content = path.read_bytes()
    read(path)
    source = random.Random(name)
    refused = 0
    for _ in range(CASES):
        # A few bytes are changed, removed or put in, or the rest is cut off.
        start, length = source.randrange(len(content)), source.randint(1, 8)
        noise = source.choice([source.randbytes(length), b""])
        end = source.choice([start, start + length, len(content)])
        path.write_bytes(content[:start] + noise + content[end:])
        try:
            read(path)
        except UserError as error:
            refused += 1
            assert name in str(error)
    assert refused > CASES // 10
