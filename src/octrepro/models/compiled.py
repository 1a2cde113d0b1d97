"""How the loops of the models from scratch are compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, overload

import numba
from numba.core import caching

P = ParamSpec("P")
R = TypeVar("R")


def digest_of(sources: Path) -> str:
    """A hash of the names and the content of the Python files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(sources.glob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)} ".encode() + content)
    return digest.hexdigest()


_DIGEST = digest_of(Path(__file__).parent)


class _WithAllSources:
    """Takes machine code as fresh only if no file of this package has changed.

    numba itself looks at the file of a function alone, and would go on using what it compiled when a function
    called from there, or a constant read there, has changed in another file.
    """

    def get_source_stamp(self) -> tuple[str, Any]:
        """What must be the same for kept code to be used."""
        return _DIGEST, super().get_source_stamp()  # type: ignore[misc]


class BesideTheSource(_WithAllSources, caching.InTreeCacheLocator):
    """Keeps machine code in ``__pycache__``."""


class WhereTheUserSays(_WithAllSources, caching.UserProvidedCacheLocator):
    """Keeps it in the folder that the variable ``NUMBA_CACHE_DIR`` names."""


class WithTheUser(_WithAllSources, caching.UserWideCacheLocator):
    """Keeps it in the user's cache folder."""


numba.config.CACHE_LOCATOR_CLASSES = ",".join(  # type: ignore[attr-defined]
    f"{__name__}.{locator.__name__}" for locator in (WhereTheUserSays, BesideTheSource, WithTheUser)
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
