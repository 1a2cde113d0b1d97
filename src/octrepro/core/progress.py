"""Progress that a person sees: a bar in a terminal, or a status file that a parallel build reads."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

STATUS_VARIABLE = "OCTREPRO_STATUS"
_SECONDS_BETWEEN_REPORTS = 0.25


def progress(iterable: Iterable[T], total: int, what: str, unit: str) -> Iterator[T]:
    """Iterate while showing how far it is and how long it will take.

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
    status = os.environ.get(STATUS_VARIABLE)
    if status:
        yield from _to_file(iterable, total, what, unit, Path(status))
        return
    from tqdm import tqdm

    # Off a terminal (a log file, CI) a line every ten seconds is enough.
    interval = 0.2 if sys.stderr.isatty() else 10.0
    yield from tqdm(iterable, total=total, desc=what, unit=unit, mininterval=interval, leave=True)


def _to_file(iterable: Iterable[T], total: int, what: str, unit: str, path: Path) -> Iterator[T]:
    last = -1.0
    start = time.monotonic()
    for done, item in enumerate(iterable):
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_REPORTS:
            write_status(path, what, done, total, unit, now - start)
            last = now
        yield item


def write_status(path: Path, what: str, done: int, total: int, unit: str, seconds: float) -> None:
    """Tell a parallel build how far its stage is, `seconds` after it began."""
    report = {"what": what, "done": done, "total": total, "unit": unit, "seconds": seconds}
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(report))
    temporary.replace(path)
