"""Repair what a killed DVC leaves half written.

Our own files appear whole or not at all. DVC writes two of its files in place: dvc.lock, and the list of who
reads and writes what, which it then refuses to read. And it takes a killed process for a living one until its
parent has buried it, which in a container without an init may be never.

dvc.lock is the user's: only a last entry that was cut off is taken out, and only when every other entry is
known from the commit or proved by the cache. Anything else is left as it is, with a message.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import yaml

from octrepro.core import UserError
from octrepro.core.files import write_text
from octrepro.pipeline.locks import DVC, locked

WHO_READS_AND_WRITES = Path(".dvc/tmp/rwlock")
LOCK = Path("dvc.lock")
BEFORE = Path("dvc.lock.before-repair")
CACHE = Path(".dvc/cache/files/md5")

HEAD = "schema: '2.0'\nstages:\n"
_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7})", re.MULTILINE)
_FIRST_LINE_OF_ENTRY = re.compile(r"^  [^ \n-].*$", re.MULTILINE)

# The text of each entry of dvc.lock, by stage.
Entries = dict[str, str]


def repair(project: Path) -> list[str]:
    """Make DVC's files readable again, once no DVC runs in `project`.

    Returns
    -------
    list of str
        What was done, one line each.

    Raises
    ------
    UserError
        When dvc.lock cannot be read and was not merely cut off. It is left as it is.
    """
    with _no_dvc_running(project):
        held = project / WHO_READS_AND_WRITES
        done = []
        if held.exists() and held.read_text(encoding="utf-8", errors="replace") != "{}":
            held.unlink()
            done.append(f"{WHO_READS_AND_WRITES} named processes that have ended: removed, DVC makes it anew")
        return done + _repair_lock(project)


@contextmanager
def _no_dvc_running(project: Path) -> Iterator[None]:
    """Hold DVC's own lock, while no process that its list names lives; say so when that takes waiting."""
    said = False
    while True:
        with locked(project / DVC, "DVC"):
            if not _living(project / WHO_READS_AND_WRITES):
                yield
                return
        if not said:
            print("DVC is running in this folder: waiting for it to end ...", file=sys.stderr)
            said = True
        time.sleep(0.2)


def _living(held: Path) -> bool:
    """Whether a process lives that DVC's list names; one younger than the list is another's."""
    try:
        written = held.stat().st_mtime
        pids = {int(pid) for pid in re.findall(r'"pid": (\d+)', held.read_text(encoding="utf-8"))}
    except (OSError, UnicodeDecodeError):
        return False
    for pid in pids:
        try:
            process = psutil.Process(pid)
            if process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= written:
                return True
        except psutil.NoSuchProcess:
            pass
    return False


def _repair_lock(project: Path) -> list[str]:
    lock = project / LOCK
    if not lock.exists():
        return []
    text = lock.read_text(encoding="utf-8", errors="surrogateescape")
    problem = _problem(text)
    if problem is None:
        return []
    committed = _committed(project)
    kept = _entries_before_cut(text)
    if kept is None or not all(
        entry == committed.get(stage) or _proved(project, entry) for stage, entry in kept.items()
    ):
        raise UserError(
            f"{LOCK} cannot be read: {problem}",
            expected="the file as DVC wrote it",
            hint=f"edit that line, or get the committed file back: git checkout {LOCK}",
        )
    shutil.copyfile(lock, project / BEFORE)
    entries = committed | kept
    if entries:
        write_text(lock, HEAD + "".join(entries.values()))
    else:
        lock.unlink()
    return [f"the last entry of {LOCK} was cut off and taken out; {BEFORE} is the file as it was"]


def _problem(text: str) -> str | None:
    """What keeps `text` from being a lock file, and on which line; None when it is one."""
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA
    from voluptuous import Invalid

    if conflict := _CONFLICT.search(text):
        return f"line {text.count(chr(10), 0, conflict.start()) + 1}: a conflict marker of git"
    last = next(reversed(_entries(text)), "")
    line = next((n for n, each in enumerate(text.splitlines(), 1) if each.startswith(f"  {last}:")), 1)
    try:
        stages = COMPILED_LOCKFILE_SCHEMA(_load(text))["stages"]
        outs = stages[last].get("outs", []) if last in stages else []
    except yaml.MarkedYAMLError as error:
        return f"line {error.problem_mark.line + 1 if error.problem_mark else 1}: {error.problem}"
    except (yaml.YAMLError, Invalid, TypeError, KeyError) as error:
        return f"line {line}: {str(error) or 'there is nothing in it'}"
    return (
        None
        if all(_MD5.fullmatch(str(out.get("md5"))) for out in outs)
        else f"line {line}: a hash is cut off"
    )


def _load(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (safe, in C)


def _entries(text: str) -> Entries:
    """The text of each entry, by stage."""
    starts = [match.start() for match in _FIRST_LINE_OF_ENTRY.finditer(text)]
    chunks = [text[start:end] for start, end in pairwise([*starts, len(text)])]
    return {chunk.partition("\n")[0].strip().rstrip(":"): chunk for chunk in chunks}


def _entries_before_cut(text: str) -> Entries | None:
    """The entries before one that was cut off at the end of `text`; None when something else is wrong."""
    if HEAD.startswith(text):
        return {}
    *whole, _ = _entries(text).values() or [""]
    before = HEAD + "".join(whole)
    if not text.startswith(before) or (whole and _problem(before)):
        return None
    try:
        # What was cut off in the middle of a line can be read without that line.
        _load(text[: text.rindex("\n") + 1])
    except yaml.YAMLError:
        return None
    return _entries(before)


def _proved(project: Path, entry: str) -> bool:
    """Whether every output that an entry names is in the cache, or in its place with these bytes."""
    (content,) = _load(entry).values()
    outs = {out["path"]: out["md5"] for out in content.get("outs", [])}
    return all(
        (project / CACHE / md5[:2] / md5[2:]).is_file() or _md5(project / path) == md5
        for path, md5 in outs.items()
    )


def _md5(path: Path) -> str | None:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() if path.is_file() else None


def _committed(project: Path) -> Entries:
    """The entries of the committed file; none where there is no such file."""
    result = subprocess.run(["git", "show", f"HEAD:./{LOCK}"], cwd=project, capture_output=True, check=False)
    text = result.stdout.decode("utf-8", errors="replace")
    return _entries(text) if result.returncode == 0 and _problem(text) is None else {}
