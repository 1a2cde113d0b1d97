"""A data folder as one array that travels to a worker once, and back as a folder on the worker's own disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octrepro.compute.fingerprint import folder_digest
from octrepro.core import UserError
from octrepro.core.files import atomic_directory

Parcel = NDArray[np.uint8]
_LENGTH_BYTES = 8


def pack(folder: Path) -> Parcel:
    """All files of a folder in one uint8 array: a header's length, the header (JSON), the contents."""
    files = sorted(folder.iterdir())
    header = json.dumps([[path.name, path.stat().st_size] for path in files]).encode()
    start = len(header).to_bytes(_LENGTH_BYTES, "little") + header
    parcel = np.empty(len(start) + sum(path.stat().st_size for path in files), dtype=np.uint8)
    parcel[: len(start)] = np.frombuffer(start, dtype=np.uint8)
    position = len(start)
    for path in files:
        content = np.fromfile(path, dtype=np.uint8)
        parcel[position : position + len(content)] = content
        position += len(content)
    return parcel


def unpack(parcel: Parcel, folder: Path, digest: str) -> None:
    """Write a parcel's files to `folder`, unless they are there.

    Raises
    ------
    UserError
        When what arrived is not what was sent.
    """
    if folder.exists():
        return
    start = _LENGTH_BYTES + int.from_bytes(parcel[:_LENGTH_BYTES].tobytes(), "little")
    with atomic_directory(folder) as temporary:
        for name, size in json.loads(parcel[_LENGTH_BYTES:start].tobytes()):
            parcel[start : start + size].tofile(temporary / Path(name).name)
            start += size
        if folder_digest(temporary) != digest:
            raise UserError("the data did not arrive whole on a worker", hint="run the same command again")
