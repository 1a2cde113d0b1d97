"""Progress of a loop, as a person sees it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

T = TypeVar("T")


def bar(iterable: Iterable[T] = (), **options: Any) -> tqdm[T]:
    """A bar of tqdm, with a line every ten seconds in a log unless whoever reads it asks for more."""
    if not sys.stderr.isatty():
        os.environ.setdefault("TQDM_MININTERVAL", "10")
    # tqdm reads its environment when it is imported.
    from tqdm import tqdm

    return tqdm(iterable, **options)


def progress(iterable: Iterable[T], total: int, what: str, unit: str) -> Iterator[T]:
    """Iterate while a bar shows how far it is and how long it will take.

    Parameters
    ----------
    iterable
        What to iterate over.
    total
        Number of items, for the time left.
    what
        The stage, as DVC names it.
    unit
        What is counted, such as ``epoch``.
    """
    yield from bar(iterable, total=total, desc=what, unit=unit)
