"""Write .npz archives whose bytes depend on nothing but the arrays."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first date that a zip archive can state; every entry carries it, so that the clock leaves no trace."""


def write_npz(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write arrays to an uncompressed .npz with fixed dates, the same bytes on every machine.

    Nothing is compressed, because what a compressor writes depends on its version.

    Parameters
    ----------
    path : Path
        File to write; an existing one is overwritten.
    arrays : Mapping[str, NDArray]
        Arrays by name, written in this order, in C order. None may hold Python objects.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=_EARLIEST)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            archive.writestr(entry, buffer.getbuffer())
