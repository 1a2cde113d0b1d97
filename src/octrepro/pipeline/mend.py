"""Mend what a killed DVC leaves half written: ``python -m octrepro.pipeline.mend``.

Our own files appear whole or not at all. DVC writes two of its files in place: the list of who reads and
writes what, which it then refuses to read, and dvc.lock. And it takes a killed process for a living one until
its parent has buried it, which in a container without an init may be never.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import psutil
import yaml

from octrepro.core.files import write_text

WHO_READS_AND_WRITES = Path(".dvc/tmp/rwlock")
LOCK = Path("dvc.lock")
MD5_DIGITS = 32


def main() -> int:
    """Mend the project in this folder and say what was done; the exit code."""
    print("\n".join(mend(Path.cwd())) or "Nothing to mend.")
    return 0


def mend(project: Path) -> list[str]:
    """Make DVC's files readable again while no DVC runs in `project`; what was done, one line each.

    Of a dvc.lock cut off, the whole entries are kept: only the stages after them run again.
    """
    done = []
    held = project / WHO_READS_AND_WRITES
    if held.exists() and not _is_json(held):
        held.unlink()
        done.append(f"{WHO_READS_AND_WRITES} was cut off: removed, DVC makes it anew")
    elif held.exists() and _forget_the_dead(held):
        done.append(f"{WHO_READS_AND_WRITES} named processes that are dead: taken out")
    lock = project / LOCK
    if lock.exists():
        text = lock.read_text(encoding="utf-8", errors="replace")
        kept = whole_entries(text)
        if kept is None:
            lock.unlink()
            done.append(f"{LOCK} was empty: removed")
        elif kept != text:
            write_text(lock, kept)
            done.append(f"{LOCK} was cut off: its whole entries were kept")
    return done


def whole_entries(text: str) -> str | None:
    """The text of a lock file up to its last whole entry; None when there is none."""
    lines = text.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if _starts_a_stage(line)]
    # Whole as it is; whole but for its last line; up to where some entry starts, the last one first.
    for end in (len(lines), len(lines) - 1, *reversed(starts)):
        entries = "".join(lines[:end])
        if entries.endswith("\n") and _is_whole(entries):
            return entries
    return None


def _forget_the_dead(held: Path) -> bool:
    """Take dead processes out of the list; whether there were any."""
    entries: dict[str, dict[str, Any]] = json.loads(held.read_text(encoding="utf-8"))
    living: dict[str, dict[str, Any]] = {}
    for path, entry in entries.items():
        readers = [info for info in entry.get("read", []) if _lives(info["pid"])]
        writer = entry.get("write")
        living[path] = ({"read": readers} if readers else {}) | (
            {"write": writer} if writer and _lives(writer["pid"]) else {}
        )
    living = {path: entry for path, entry in living.items() if entry}
    if living == entries:
        return False
    write_text(held, json.dumps(living))
    return True


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _starts_a_stage(line: str) -> bool:
    return line.startswith("  ") and line[2:3] not in (" ", "-")


def _is_whole(text: str) -> bool:
    try:
        content: Any = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (safe, in C)
        entries = list(content["stages"].values())
        return bool(entries) and all(_has_hashes(entry) for entry in entries)
    except (yaml.YAMLError, TypeError, KeyError, AttributeError):
        return False


def _has_hashes(entry: Any) -> bool:
    return all(len(out["md5"].removesuffix(".dir")) == MD5_DIGITS for out in entry["outs"])


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
