"""Compilation of plain loops, and the one instruction that Python has no word for."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.extending import intrinsic

from octrepro.core.files import digest_of

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parents[1]

# The folders that have compiled functions.
COMPILED_FOLDERS = (_PACKAGE / "arithmetic", _PACKAGE / "models")


def cache_folder() -> Path:
    """Where machine code is kept: a folder of its own for each state of the sources.

    numba's cache looks at the file of a compiled function alone, and would go on using what it compiled
    after a function that it calls, or a constant that it reads, has changed in another file.
    """
    beside = _PACKAGE / "__pycache__"
    writable = os.access(beside if beside.exists() else _PACKAGE, os.W_OK)
    default = beside if writable else Path.home() / ".cache" / "octrepro"
    sources = digest_of((path for folder in COMPILED_FOLDERS for path in folder.glob("*.py")), _PACKAGE)
    return Path(os.environ.get("NUMBA_CACHE_DIR", default)) / f"compiled-{sources[:16]}"


# What the environment variable NUMBA_CACHE_DIR sets when numba is imported.
numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def compiled(function: F) -> F:
    """Compile a function to machine code that keeps the order of operations it is written in.

    The machine code is kept for the next process. Division by zero gives infinity or NaN, as in NumPy.
    """
    return cast(F, numba.njit(cache=True, fastmath=False, error_model="numpy", nogil=True)(function))


def _fma(typing_context, a, b, c):  # type: ignore[no-untyped-def]
    """For compiled code: a b + c of one floating-point type, rounded once (IEEE 754 fusedMultiplyAdd)."""
    return a(a, a, a), lambda context, builder, signature, arguments: builder.fma(*arguments)


fma: Any = intrinsic(_fma)
