"""An output damaged on disk is refused with a message by the stage that reads it, or read whole."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octrepro.core import UserError
from octrepro.core.files import read_json, write_json
from octrepro.core.records import HISTORY_COLUMNS, RunRecord
from octrepro.models.layers import Layer
from octrepro.training.result import Epoch, read_history, read_weights, write_history, write_weights

CASES = 300


def write_record(path: Path) -> None:
    labels = np.array([0, 1, 2])
    history = {name: np.arange(3.0) for name in HISTORY_COLUMNS}
    RunRecord("d", "r", {"epochs": 3}, history, {"test_total": 3}, labels, labels, labels, labels).save(path)


def write_two_layers(path: Path) -> None:
    layer = Layer(np.ones((3, 4), np.float32), np.zeros(3, np.float32))
    write_weights(path, [layer, Layer(np.ones((2, 3), np.float32), np.zeros(2, np.float32))], 7)


WRITERS: dict[str, tuple[Callable[[Path], None], Callable[[Path], Any]]] = {
    "record.npz": (write_record, RunRecord.load),
    "weights.safetensors": (write_two_layers, read_weights),
    "history.csv": (
        lambda path: write_history(path, [Epoch(train_loss=0.5), Epoch(val_loss=1.5)]),
        read_history,
    ),
    "claims.json": (lambda path: write_json(path, [{"id": "a", "verdict": "holds"}]), read_json),
}


def damaged(content: bytes, source: random.Random) -> bytes:
    """Cut off, or with a few bytes changed, removed or put in."""
    kind = source.randrange(4)
    place = source.randrange(len(content))
    noise = source.randbytes(source.randint(1, 8))
    if kind == 0:
        return content[:place]
    if kind == 1:
        return content[:place] + noise + content[place + len(noise) :]
    return content[:place] + (noise if kind == 2 else b"") + content[place + (kind == 3) * len(noise) :]


@pytest.mark.parametrize("name", WRITERS)
def test_damage_gives_a_message(tmp_path: Path, name: str) -> None:
    write, read = WRITERS[name]
    path = tmp_path / name
    write(path)
    content = path.read_bytes()
    read(path)
    source = random.Random(name)
    refused = 0
    for _ in range(CASES):
        path.write_bytes(damaged(content, source))
        try:
            read(path)
        except UserError as error:
            refused += 1
            assert name in str(error)
    assert refused > CASES // 10


@pytest.mark.parametrize("name", WRITERS)
def test_a_missing_output_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="dvc repro"):
        WRITERS[name][1](tmp_path / name)
