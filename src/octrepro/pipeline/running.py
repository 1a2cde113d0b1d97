"""Processes that run one DVC stage each, and end with the build that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

LOGS = Path("build/logs")


@dataclass(frozen=True)
class Running:
    """A stage that runs in a process forked off this one, so that DVC need not be loaded anew.

    DVC keeps its lock only while it decides and commits, not while a stage's command runs, so several
    processes may each run a stage of one project.
    """

    stage: str
    process: BaseProcess
    log: Path

    @classmethod
    def start(cls, stage: str, *, force: bool) -> Running:
        """Start `stage`; with `force` even where DVC sees no change."""
        import dvc.cli.parser  # noqa: F401 (loaded once, here, for all that are forked)

        log = LOGS / f"{stage}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        process = multiprocessing.get_context("fork").Process(target=_run, args=(stage, force, str(log)))
        process.start()
        _lead_group(process.pid)
        return cls(stage, process, log)

    def output(self, last: int | None = None) -> str:
        """What DVC and the stage have printed; the last so many bytes when given."""
        try:
            with self.log.open("rb") as file:
                if last is not None:
                    file.seek(max(0, self.log.stat().st_size - last))
                return file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def kill(self) -> None:
        """End the stage with all processes it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.join()


def _run(stage: str, force: bool, log: str) -> None:
    _lead_group(0)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    # A bar in the log is what the build shows of a stage: bars are drawn anew often.
    os.environ["TQDM_MININTERVAL"] = "0.5"
    from dvc.cli import main as dvc

    sys.exit(dvc(["--wait-for-lock", "repro", "--single-item", *(["--force"] if force else []), stage]))


def _lead_group(pid: int | None) -> None:
    """Put a process at the head of a group of its own; both sides do, as either may come first."""
    with suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid or 0, pid or 0)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)
