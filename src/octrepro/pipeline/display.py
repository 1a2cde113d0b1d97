"""What a person sees while stages run: one line for each that ended, and what is running now."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Collection

from tqdm import tqdm

from octrepro.pipeline.running import Running

SECONDS_BETWEEN_LINES = 10.0
# A bar as tqdm prints it off a terminal: its name, percentage, counts and times.
_BAR = re.compile(r"(?P<name>[^\r\n]*?): +(?P<state>\d+%)\|[^|\r\n]*\| *(?P<counts>[^\r\n]*)")


class Display:
    """A bar on a terminal; off a terminal, a line now and then."""

    def __init__(self, total: int) -> None:
        # tqdm's monitor is a thread, and stages are forked from this process.
        tqdm.monitor_interval = 0
        self._bar = tqdm(total=total, unit="stage", disable=not sys.stderr.isatty(), dynamic_ncols=True)
        self._total = total
        self._done = 0
        self._last = time.monotonic()

    def ended(self, stage: str, seconds: float, *, ok: bool) -> None:
        """Say that a stage has ended."""
        self._done += ok
        self._bar.update(int(ok))
        state = "" if ok else " FAILED"
        self._say(f"[{self._done:3d}/{self._total}] {stage}{state}  ({seconds:.1f} s)")

    def refresh(self, running: Collection[Running]) -> None:
        """Show what is running, and how far it is."""
        states = "; ".join(progress(each) for each in running)
        self._bar.set_postfix_str(states)
        if self._bar.disable and time.monotonic() - self._last > SECONDS_BETWEEN_LINES:
            self._say(f"          running: {states}")

    def close(self) -> None:
        """Clear the bar."""
        self._bar.leave = False
        self._bar.close()

    def _say(self, line: str) -> None:
        self._last = time.monotonic()
        tqdm.write(line, file=sys.stderr)


def progress(running: Running) -> str:
    """A stage with the state of the last bar in its log."""
    bars = list(_BAR.finditer(running.output(last=1000)))
    return f"{running.stage} {bars[-1]['state']} {bars[-1]['counts']}" if bars else running.stage


def without_bars(text: str) -> str:
    """A log without its bars."""
    return _BAR.sub("", text).replace("\r", "")
