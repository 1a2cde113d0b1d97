"""Trained weights on disk, as safetensors: plain arrays, no code, the same bytes every time."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from octrepro.core import UserError
from octrepro.core.files import write_bytes
from octrepro.models.layers import Layer


def write_weights(path: Path | str, layers: list[Layer], updates: int) -> None:
    """Write layer i as ``layers.i.weight`` and ``layers.i.bias``, and how many updates made them."""
    arrays = {}
    for position, layer in enumerate(layers):
        arrays[f"layers.{position}.weight"] = layer.weight
        arrays[f"layers.{position}.bias"] = layer.bias
    write_bytes(path, save(arrays, metadata={"updates": str(updates)}))


def read_weights(path: Path | str) -> tuple[list[Layer], int]:
    """Read what `write_weights` wrote.

    Raises
    ------
    UserError
        When the file is missing or is not such a file.
    """
    try:
        with safe_open(str(path), framework="np") as file:
            count = len(file.keys()) // 2
            layers = [
                Layer(file.get_tensor(f"layers.{i}.weight"), file.get_tensor(f"layers.{i}.bias"))
                for i in range(count)
            ]
            updates = int((file.metadata() or {})["updates"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise UserError(
            f"cannot read the weights {path}: {error}", hint="run 'dvc repro' to train anew"
        ) from None
    return layers, updates
