"""Locks that let one process at a time work on a folder."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUILD = Path(".dvc/tmp/build.lock")
# DVC's own, which it holds save while a stage's command runs.
DVC = Path(".dvc/tmp/lock")


@contextmanager
def locked(path: Path, holder: str) -> Iterator[None]:
    """Hold the lock file at `path`; while `holder` has it, say so and wait.

    The lock belongs to an open file, which forked processes share: it is free once the last of them has
    ended, also when the process that took it was killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{holder} is running in this folder: waiting for it to end ...", file=sys.stderr)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
