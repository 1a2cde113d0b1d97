"""How the loops of the models from scratch are compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, overload

import numba

P = ParamSpec("P")
R = TypeVar("R")


def cache_folder(sources: Path, base: Path) -> Path:
    """Where machine code made from the Python files in `sources` is kept: under `base`, by their content.

    numba looks at the file of a function alone and would go on using what it compiled when a function called
    from there, or a constant read there, has changed in another file.
    """
    digest = hashlib.sha256()
    for path in sorted(sources.glob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)} ".encode() + content)
    return base / "compiled" / digest.hexdigest()[:16]


_HERE = Path(__file__).parent
numba.config.CACHE_DIR = str(  # type: ignore[attr-defined]
    cache_folder(_HERE, Path(numba.config.CACHE_DIR or _HERE / "__pycache__"))  # type: ignore[attr-defined]
)

# Lets the compiler put neighbouring scalar operations into one vector operation. Each keeps its operands and
# its rounding, so no result changes.
numba.config.SLP_VECTORIZE = 1  # type: ignore[attr-defined]


@overload
def compiled(function: Callable[P, R]) -> Callable[P, R]: ...


@overload
def compiled(function: Sequence[Any]) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def compiled(function: Callable[P, R] | Sequence[Any]) -> Any:
    """Compile a function to machine code that keeps the order of operations it is written in.

    Without ``fastmath`` the compiler neither reorders sums of floating-point numbers nor fuses a
    multiplication with an addition, so the bits are the same on every processor. The machine code is kept
    for the next process.

    Used as ``@compiled``, or as ``@compiled(signatures)`` to compile for these types of arguments alone.
    """
    options: dict[str, Any] = {"cache": True, "fastmath": False, "error_model": "numpy", "nogil": True}
    if callable(function):
        return numba.njit(**options)(function)
    return numba.njit(list(function), **options)
