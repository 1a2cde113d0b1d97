"""Progress of a loop, as a person sees it."""

import os
import sys
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def progress(iterable: Iterable[T], total: int, what: str, unit: str) -> Iterable[T]:
    """Iterate over `total` items while a bar shows how far it is and how long it will take.

    `what` is the stage as DVC names it, `unit` what is counted, such as ``epoch``. In a log the bar is a line
    every ten seconds, unless whoever reads it asks for more.
    """
    if not sys.stderr.isatty():
        os.environ.setdefault("TQDM_MININTERVAL", "10")
    # tqdm reads its environment when it is imported.
    from tqdm import tqdm

    return tqdm(iterable, total=total, desc=what, unit=unit)
