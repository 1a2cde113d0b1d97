"""Repair what a killed DVC leaves half written.

Our own files appear whole or not at all, and dvc.lock too while `make report` builds. Plain DVC writes it in
place, and any DVC its list of who reads and writes what, which it then refuses to read. And it takes a killed
process for a living one until its parent has buried it, which in a container without an init may be never.
"""

import fcntl
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import yaml
from voluptuous import Invalid

from octrepro.core import UserError
from octrepro.core.files import write_bytes
from octrepro.pipeline.committed import git

WHO_READS_AND_WRITES = Path(".dvc/tmp/rwlock")
# DVC holds it save while a stage's command runs.
DVC = Path(".dvc/tmp/lock")
LOCK = Path("dvc.lock")
BEFORE = Path("dvc.lock.before-repair")

HEAD = "schema: '2.0'\nstages:\n"


def repair(project: Path) -> list[str]:
    """Make DVC's files readable again, once no DVC runs in `project`; what was done, one line each.

    Raises `UserError` when dvc.lock cannot be read and was not merely cut off. It is left as it is.
    """
    with locked(project / DVC, "DVC", lambda: _at_work(project)):
        held = project / WHO_READS_AND_WRITES
        done = []
        if held.exists() and held.read_text(encoding="utf-8", errors="replace") != "{}":
            held.unlink()
            done.append(f"{WHO_READS_AND_WRITES} named processes that have ended: removed, DVC makes it anew")
        return done + _repair_lock(project)


@contextmanager
def locked(path: Path, holder: str, busy: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Hold the lock file at `path`; while `holder` has it, or is `busy` without it, say so and wait.

    The lock belongs to an open file, which forked processes share: it is free once the last of them has
    ended, also when the process that took it was killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    said = False
    with path.open("a") as file:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not busy():
                    break
                fcntl.flock(file, fcntl.LOCK_UN)
            if not said:
                print(f"{holder} is running in this folder: waiting for it to end ...", file=sys.stderr)
                said = True
            time.sleep(0.2)
        yield


def _at_work(project: Path) -> bool:
    """Whether a process that DVC's list names works in `project`; elsewhere it is another with its number."""
    held = project / WHO_READS_AND_WRITES
    listed = held.read_text(encoding="utf-8", errors="replace") if held.exists() else ""
    for pid in re.findall(r'"pid": (\d+)', listed):
        try:
            if Path(psutil.Process(int(pid)).cwd()).is_relative_to(project.resolve()):
                return True
        except psutil.Error:  # it has ended
            pass
    return False


def _repair_lock(project: Path) -> list[str]:
    """Put the committed dvc.lock in the place of one that was cut off.

    What has been built since is in DVC's cache of runs, which DVC looks up before it runs a stage.
    """
    lock = project / LOCK
    if not lock.exists():
        return []
    text = lock.read_text(encoding="utf-8", errors="replace")
    problem = _problem(text)
    if problem is None:
        return []
    if not _cut_off(text):
        raise UserError(
            f"{LOCK} cannot be read: {problem}",
            expected="the file as DVC wrote it",
            hint=f"edit that line, or get the committed file back: git checkout {LOCK}",
        )
    shutil.copyfile(lock, project / BEFORE)
    try:
        write_bytes(lock, git(project, "show", f"HEAD:./{LOCK}"))
    except UserError:  # none was committed
        lock.unlink()
    return [f"{LOCK} was cut off: it is again as committed; {BEFORE} is the file as it was"]


def _problem(text: str) -> str | None:
    """What keeps `text` from being a lock file, and on which line; None when it is one."""
    try:
        _check(_load(text))
        if text.endswith("\n"):
            return None
        place, what = len(text), "it ends within a line"
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place, what = mark.index if mark else 0, getattr(error, "problem", None) or str(error)
    except Invalid as error:
        stage = error.path[1] if len(error.path) > 1 else None
        place, what = max(0, text.find(f"\n  {stage}:") + 1), str(error)
    if conflict := re.search(r"^(<{7}|={7}|>{7})", text, re.MULTILINE):
        place, what = conflict.start(), "a conflict marker of git"
    return f"line {text.count(chr(10), 0, place) + 1}: {what}"


def _cut_off(text: str) -> bool:
    """Whether `text` begins as a lock file does: all is in order but its last entry, and its last line."""
    if not text.startswith(HEAD):
        return HEAD.startswith(text)
    try:
        content = _load(text[: text.rindex("\n") + 1])
        stages = list((content["stages"] or {}).items())
        _check(content | {"stages": dict(stages[:-1])})
    except (yaml.YAMLError, Invalid):
        return False
    return True


def _check(content: Any) -> None:
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA

    COMPILED_LOCKFILE_SCHEMA(content)


def _load(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (safe, in C)
