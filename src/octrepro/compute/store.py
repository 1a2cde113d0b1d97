"""Results of tasks under their keys, so that running again does just what is missing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from octrepro.core.files import write_bytes

FOLDER = Path("build/tasks")
_DIGEST_BYTES = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Store:
    """A folder of results, each behind a digest of its own bytes. Deleting it costs time and nothing else."""

    folder: Path = FOLDER

    def read(self, key: str) -> bytes | None:
        """The result under `key`; None when there is none, or a damaged one."""
        try:
            content = self._path(key).read_bytes()
        except FileNotFoundError:
            return None
        digest, result = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        return result if hashlib.sha256(result).digest() == digest else None

    def write(self, key: str, result: bytes) -> None:
        """Keep a result."""
        write_bytes(self._path(key), hashlib.sha256(result).digest() + result)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key
