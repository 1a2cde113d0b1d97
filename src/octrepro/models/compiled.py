"""How the loops of the models from scratch are compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar, overload

import numba

P = ParamSpec("P")
R = TypeVar("R")

# Lets the compiler put neighbouring scalar operations into one vector operation. Each keeps its operands and
# its rounding, so no result changes; inner products in partial sums become three times faster.
numba.config.SLP_VECTORIZE = 1  # type: ignore[attr-defined]


@overload
def compiled(function: Callable[P, R]) -> Callable[P, R]: ...


@overload
def compiled(function: Sequence[Any]) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def compiled(function: Callable[P, R] | Sequence[Any]) -> Any:
    """Compile a function to machine code that keeps the order of operations it is written in.

    Without ``fastmath`` the compiler neither reorders sums of floating-point numbers nor fuses a
    multiplication with an addition, so the bits are the same on every processor. The machine code is kept
    beside the source.

    Used as ``@compiled``, or as ``@compiled(signatures)`` to compile for these types of arguments alone.
    """
    options: dict[str, Any] = {"cache": True, "fastmath": False, "error_model": "numpy", "nogil": True}
    if callable(function):
        return numba.njit(**options)(function)
    return numba.njit(list(function), **options)
