"""Arrays that begin where vector instructions like them to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.models.compiled import compiled

# The longest vector register, and a line of the cache.
ALIGNMENT = 64


@compiled
def aligned(rows: int, columns: int, like: NDArray[Any]) -> NDArray[Any]:
    """An array of `like`'s type, its values not set, shape (rows, columns).

    It begins at a multiple of 64 bytes, and so do its rows if `columns` fill such multiples.
    """
    whole = np.empty(rows * columns + ALIGNMENT // like.itemsize, dtype=like.dtype)
    skipped = (ALIGNMENT - whole.ctypes.data % ALIGNMENT) % ALIGNMENT // like.itemsize
    return whole[skipped : skipped + rows * columns].reshape(rows, columns)
