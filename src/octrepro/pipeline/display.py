"""What a person sees while stages run: one line a finished unit, and what is running now."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from tqdm import tqdm

from octrepro.pipeline.schedule import Unit
from octrepro.pipeline.workers import Worker

_SECONDS_BETWEEN_LINES = 10.0


class Display:
    """Bars on a terminal; off a terminal, a line now and then."""

    def __init__(self, total: int, workers: Sequence[Worker]) -> None:
        self._live = sys.stderr.isatty()
        self._workers = workers
        self._started: dict[Unit, float] = {}
        self._last = time.monotonic()
        self._total = tqdm(total=total, desc="stages", unit="stage", disable=not self._live, position=0)
        self._bars = [
            tqdm(total=1, position=1 + index, leave=False, disable=not self._live, bar_format="  {desc}")
            for index in range(len(workers))
        ]
        self._done = 0

    def started(self, unit: Unit) -> None:
        """Note that a unit has started."""
        self._started[unit] = time.monotonic()

    def finished(self, unit: Unit, *, ok: bool) -> None:
        """Tell that a unit has ended."""
        self._done += len(unit.stages)
        self._total.update(len(unit.stages))
        seconds = time.monotonic() - self._started[unit]
        word = " + ".join(unit.stages) if ok else f"{' + '.join(unit.stages)} FAILED"
        self._say(f"[{self._done:3d}/{self._total.total}] {word}  ({seconds:.1f} s)")

    def refresh(self) -> None:
        """Show what is running."""
        lines = [_running(worker) if worker.unit else "" for worker in self._workers]
        if self._live:
            for bar, line in zip(self._bars, lines, strict=True):
                bar.set_description_str(line)
        elif time.monotonic() - self._last > _SECONDS_BETWEEN_LINES:
            self._say("          running: " + "; ".join(line for line in lines if line))

    def close(self) -> None:
        """Clear the bars."""
        for bar in [*self._bars, self._total]:
            bar.close()

    def _say(self, line: str) -> None:
        self._last = time.monotonic()
        if self._live:
            self._total.write(line, file=sys.stderr)
        else:
            print(line, file=sys.stderr, flush=True)


def _running(worker: Worker) -> str:
    try:
        report: dict[str, Any] = json.loads(worker.status.read_text())
    except (OSError, ValueError):
        return str(worker.unit)
    done, total = report["done"], report["total"]
    text = f"{report['what']}: {report['unit']} {done}/{total}"
    if done:
        text += f", about {report['seconds'] / done * (total - done):.0f} s left"
    return text
