"""Processes that run DVC stages side by side."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from octrepro.core.progress import STATUS_VARIABLE
from octrepro.pipeline.schedule import Unit


@dataclass
class Worker:
    """A process that runs one unit at a time through DVC's own command line.

    DVC keeps its lock only while it decides and commits, not while a stage's command runs, so several
    processes may each run a stage of one project.
    """

    process: multiprocessing.process.BaseProcess
    pipe: Connection
    status: Path
    log: Path
    unit: Unit | None = None

    @classmethod
    def start(cls, folder: Path, number: int) -> Worker:
        """Start a process whose log and status files lie in `folder`."""
        ours, theirs = multiprocessing.Pipe()
        status, log = folder / f"status-{number}.json", folder / f"log-{number}.txt"
        process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(theirs, str(status), str(log)), daemon=True
        )
        process.start()
        theirs.close()
        return cls(process, ours, status, log)

    def submit(self, unit: Unit, *, force: bool = False) -> None:
        """Start a unit; with `force` even where DVC sees no change."""
        self.unit = unit
        self.status.unlink(missing_ok=True)
        self.pipe.send((unit.stages, force))

    def result(self) -> bool:
        """Whether the unit that has ended succeeded; a process that died did not."""
        try:
            return bool(self.pipe.recv() == 0)
        except (EOFError, OSError):
            return False

    def output(self) -> str:
        """What the unit's commands printed."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def stop(self) -> None:
        """End the process."""
        self.pipe.close()
        self.process.terminate()
        self.process.join()


def _serve(pipe: Connection, status: str, log: str) -> None:
    os.environ[STATUS_VARIABLE] = status
    from dvc.cli import main as dvc

    while True:
        try:
            stages: Sequence[str]
            stages, force = pipe.recv()
        except EOFError:
            return
        _redirect_output(log)
        code = dvc(["--wait-for-lock", "repro", "--single-item", *(["--force"] if force else []), *stages])
        sys.stdout.flush()
        sys.stderr.flush()
        pipe.send(code)


def _redirect_output(log: str) -> None:
    """Point the process's own and its children's output at a fresh file."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
