"""One bar for many tasks: how many are done, running and failed, and the time left."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from tqdm import tqdm

from octrepro.core.progress import STATUS_VARIABLE, write_status


class TaskBar:
    """Shows tasks as they end; on a terminal, in a log, or through the status file of a parallel build.

    Parameters
    ----------
    what
        The stage, as DVC names it.
    total
        Number of tasks.
    kept
        Tasks whose results were there already.
    slots
        Tasks that run at once.
    """

    def __init__(self, what: str, total: int, kept: int, slots: int) -> None:
        self._what = what
        self._total = total
        self._kept = kept
        self._slots = slots
        self._done = 0
        self._failed = 0
        self._start = time.monotonic()
        status = os.environ.get(STATUS_VARIABLE)
        self._status = Path(status) if status else None
        # Off a terminal (a log file, CI) a line every ten seconds is enough.
        interval = 0.2 if sys.stderr.isatty() else 10.0
        self._bar = tqdm(
            total=total, initial=kept, desc=what, unit="task", mininterval=interval, disable=bool(status)
        )
        self._show()

    def ended(self, *, ok: bool) -> None:
        """Note that a task has ended."""
        if ok:
            self._done += 1
        else:
            self._failed += 1
        self._bar.update()
        self._show()

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()

    def counts(self) -> str:
        """What tqdm's own numbers do not say."""
        left = self._total - self._kept - self._done - self._failed
        words = [f"{min(self._slots, left)} running", f"{self._failed} failed"]
        return ", ".join([*words, f"{self._kept} kept from before"] if self._kept else words)

    def _show(self) -> None:
        self._bar.set_postfix_str(self.counts(), refresh=False)
        if self._status is not None:
            # Without those kept from before, which took no time: the time left is judged by the others.
            ended, seconds = self._done + self._failed, time.monotonic() - self._start
            total = self._total - self._kept
            write_status(self._status, f"{self._what} ({self.counts()})", ended, total, "task", seconds)
