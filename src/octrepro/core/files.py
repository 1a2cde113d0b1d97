"""Files that appear whole or not at all: written beside their place, then renamed."""

import errno
import hashlib
import json
import math
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from octrepro.core.errors import UserError


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a path to write to; the file appears at `path` when the block succeeds.

    Else nothing is left behind. Raises `UserError` when the folder cannot be written or the disk is full.
    """
    with _beside(Path(path)) as folder:
        temporary = folder / Path(path).name
        yield temporary
        temporary.replace(path)


@contextmanager
def atomic_directory(path: Path | str) -> Iterator[Path]:
    """Yield a folder to write in; it takes the place of `path` when the block succeeds, as a file does."""
    with _beside(Path(path)) as folder:
        temporary = folder / "new"
        temporary.mkdir()
        yield temporary
        if Path(path).exists():
            # A directory cannot be renamed over a filled one: move the old one aside first.
            Path(path).rename(folder / "old")
        temporary.rename(path)


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
    """Read JSON that an earlier stage wrote; raises `UserError` when it is missing or is not JSON."""
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


def write_npz(file: Path | BinaryIO, arrays: Mapping[str, Any]) -> None:
    """Write arrays as an .npz without pickled objects, the same bytes from every release of Python.

    NumPy's own writer has `zipfile` note each array as a large one, which Python does in another way from
    3.11.4 on. All arrays get the first date that the format knows.
    """
    from numpy.lib.format import write_array

    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as member:
                write_array(member, array, allow_pickle=False)


def digest_of(files: Iterable[Path], root: Path) -> str:
    """SHA-256 over the names, relative to `root`, and the contents of files, whatever their order."""
    digest = hashlib.sha256()
    for path in sorted(files):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):  # NumPy scalars and arrays, without importing NumPy here
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value  # what JSON has no word for, json refuses


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Make a hidden folder beside `target` while the block runs; first remove what a kill left of others."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        prefix, suffix = f".{target.name}.", ".partial"
        for leftover in target.parent.glob(f"{prefix}*{suffix}"):
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=prefix, suffix=suffix) as folder:
            yield Path(folder)
    except OSError as error:
        if error.errno is None:
            raise
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise UserError(
            f"{'the disk is full: ' if full else ''}cannot write {target}: {os.strerror(error.errno)}",
            hint=f"{'make room' if full else 'change its permissions'}, then run the same command again; "
            "finished stages are kept",
        ) from error
