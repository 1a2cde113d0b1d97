"""Run stages side by side, each by DVC in a process of its own, and show how far they are."""

import multiprocessing
import os
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from graphlib import TopologicalSorter
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from tqdm import tqdm

from octrepro.core.errors import UserError
from octrepro.core.files import atomic_path

# Each stage to those that it depends on.
Graph = Mapping[str, Set[str]]

LOGS = Path("build/logs")
_SECONDS_BETWEEN_LINES = 10.0
# A bar as tqdm prints it off a terminal: its name, percentage, counts and times.
_BAR = re.compile(r"[^\r\n]*?: +(?P<state>\d+%)\|[^|\r\n]*\| *(?P<counts>[^\r\n]*)")
# What DVC prints around a stage's own words.
_DVC_LINES = re.compile(
    r"^(Running stage |> |ERROR: failed to reproduce|Stage '|Updating lock file|Generating lock file|"
    r"To track |Use `dvc push`).*\n?",
    re.MULTILINE,
)
_FULL_DISK = re.compile(r"No possible cache link types|No space left on device|Disk quota exceeded")


def run(graph: Graph, jobs: int, epochs: Callable[[str], int], forced: Set[str]) -> None:
    """Run all stages of `graph`, `jobs` at a time, the `forced` ones even where DVC sees no change.

    Those that train the most `epochs` go first, so that none is left over at the end. Raises `UserError` with
    a failed stage's own message; nothing new has started since.
    """
    import dvc.cli.parser  # noqa: F401 (loaded once, here, for all that are forked)

    order = TopologicalSorter(graph)
    order.prepare()
    ready: list[str] = []
    running: dict[int, Running] = {}
    message = ""
    display = Display(len(graph))
    try:
        while order.is_active() and (running or not message):
            ready = sorted([*ready, *order.get_ready()], key=lambda stage: (epochs(stage), stage))
            while ready and len(running) < jobs and not message:
                name = ready.pop()
                stage = Running(name, force=name in forced)
                stage.start()
                running[stage.sentinel] = stage
            for sentinel in wait(list(running), timeout=0.25):
                stage = running.pop(sentinel)  # type: ignore[arg-type]
                stage.join()
                display.ended(stage)
                if stage.exitcode == 0:
                    order.done(stage.name)
                else:
                    message = message or stage.failure()
            display.refresh(running.values())
    finally:
        for stage in running.values():
            stage.end()
        display.bar.close()
    if message:
        raise UserError(message)


class Running(ForkProcess):
    """A stage that DVC runs, in a process forked off this one, so that DVC need not be loaded anew.

    DVC keeps its lock only while it decides and commits, not while a stage's command runs, so several
    processes may each run a stage of one project.
    """

    def __init__(self, stage: str, *, force: bool) -> None:
        super().__init__(name=stage)
        self._options = ["--force"] if force else []
        self._log = LOGS / f"{stage}.txt"
        self.since = time.monotonic()

    def run(self) -> None:
        """What the new process does: it leads a group, to which all belong that it starts."""
        os.setpgid(0, 0)
        threading.Thread(target=_end_with_parent, daemon=True).start()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        # A bar in the log is what the build shows of a stage: bars are drawn anew often.
        os.environ["TQDM_MININTERVAL"] = "0.5"
        import dvc.dvcfile
        from dvc.cli import main

        dvc.dvcfile.modify_yaml = _whole(dvc.dvcfile.modify_yaml)
        sys.exit(main(["--wait-for-lock", "repro", "--single-item", *self._options, self.name]))

    def end(self) -> None:
        """End the stage with all processes it has started."""
        with suppress(ProcessLookupError):  # it may not lead its group yet
            os.killpg(self.pid or 0, signal.SIGKILL)
        self.kill()
        self.join()

    def progress(self) -> str:
        """The stage's name, with the state of the last bar that it printed."""
        bars = list(_BAR.finditer(self._printed()[-1000:]))
        return f"{self.name} {bars[-1]['state']} {bars[-1]['counts']}" if bars else self.name

    def failure(self) -> str:
        """The stage's own message, out of all that was printed."""
        printed = _BAR.sub("", self._printed()).replace("\r", "").strip()
        text = _DVC_LINES.sub("", printed).strip() or printed or "its process ended without a word"
        if _FULL_DISK.search(text):
            text += (
                "\n\nThe disk is full, or may not be written."
                "\n  what to do: make room and run the same command again; finished stages are kept"
            )
        return f"The build stopped at {self.name}.\n{text}"

    def _printed(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)


def _whole(modify_in_place: Any) -> Any:
    """DVC's function that changes dvc.lock, which then appears whole or not at all."""

    @contextmanager
    def modify(path: str, **options: Any) -> Iterator[Any]:
        with atomic_path(path) as temporary:
            if Path(path).exists():
                shutil.copyfile(path, temporary)
            with modify_in_place(str(temporary), **options) as content:
                yield content

    return modify


class Display:
    """What a person sees: a line for each stage that ended, and what is running now."""

    def __init__(self, total: int) -> None:
        # tqdm's monitor is a thread, and stages are forked from this process.
        tqdm.monitor_interval = 0
        # Off a terminal there is a line now and then instead.
        self.bar = tqdm(total=total, unit="stage", disable=None, dynamic_ncols=True, leave=False)
        self._done, self._total = 0, total
        self._last = time.monotonic()

    def ended(self, stage: Running) -> None:
        """Say that a stage has ended."""
        ok = stage.exitcode == 0
        self._done += ok
        self.bar.update(int(ok))
        seconds = time.monotonic() - stage.since
        self._say(f"[{self._done:3d}/{self._total}] {stage.name}{'' if ok else ' FAILED'}  ({seconds:.1f} s)")

    def refresh(self, running: Collection[Running]) -> None:
        """Show what is running, and how far it is."""
        if not self.bar.disable or time.monotonic() - self._last > _SECONDS_BETWEEN_LINES:
            states = "; ".join(stage.progress() for stage in running)
            self.bar.set_postfix_str(states)
            if self.bar.disable:
                self._say(f"          running: {states}")

    def _say(self, line: str) -> None:
        self._last = time.monotonic()
        tqdm.write(line, file=sys.stderr)
