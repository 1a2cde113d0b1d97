"""Files that appear whole or not at all: written beside their place, then renamed."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from octrepro.core.errors import UserError

PARTIAL_SUFFIX = ".partial"


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it into place when the block succeeds.

    Raises
    ------
    UserError
        When the folder cannot be written or the disk is full. Nothing is left behind.
    """
    target = Path(path)
    with _reporting(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target)
        descriptor, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.name}.", suffix=PARTIAL_SUFFIX
        )
        os.close(descriptor)
        temporary = Path(name)
        try:
            yield temporary
            # mkstemp makes private files; outputs get the mode any new file would have.
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_directory(path: Path | str) -> Iterator[Path]:
    """Yield a temporary directory beside `path`; it takes the place of `path` when the block succeeds.

    Raises
    ------
    UserError
        When the folder cannot be written or the disk is full. Nothing is left behind.
    """
    target = Path(path)
    with _reporting(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target)
        temporary = Path(
            tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=PARTIAL_SUFFIX)
        )
        try:
            yield temporary
            temporary.chmod(0o777 & ~_umask())
            if target.exists():
                # A directory cannot be renamed over a filled one: move the old one aside first.
                aside = temporary.with_name(temporary.name + ".old" + PARTIAL_SUFFIX)
                target.rename(aside)
                temporary.rename(target)
                shutil.rmtree(aside)
            else:
                temporary.rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path | str, text: str) -> None:
    """Write `text` as UTF-8 with Unix line ends, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path | str, value: Any) -> None:
    """Write `value` as JSON: two spaces, keys as given, NaN and infinities as null."""
    write_text(path, to_json(value))


def to_json(value: Any) -> str:
    """Canonical JSON text of `value`, ending with a newline."""
    return json.dumps(_plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(path: Path | str) -> Any:
    """Read JSON that an earlier stage wrote.

    Raises
    ------
    UserError
        When the file is missing or is not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"{path} is missing", expected="the output of an earlier stage", hint="run 'dvc repro'"
        ) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UserError(
            f"{path} is not JSON: {error}", hint="delete it and run 'dvc repro' to make it anew"
        ) from None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (bool, str, int)) or value is None:
        return value
    if hasattr(value, "tolist"):  # NumPy scalars and arrays, without importing NumPy here
        return _plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    raise TypeError(f"cannot write {type(value).__name__} as JSON: {value!r}")


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _remove_leftovers(target: Path) -> None:
    """Remove what a killed process left beside `target`."""
    for leftover in target.parent.glob(f".{target.name}.*{PARTIAL_SUFFIX}"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


@contextmanager
def _reporting(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise UserError(
            f"{'the disk is full: ' if full else ''}cannot write {target}: {os.strerror(error.errno)}",
            expected="room on the disk" if full else "a folder that can be written",
            hint=f"{'make room' if full else 'change its permissions'}, then run the same command again; "
            "finished stages are kept",
        ) from error
