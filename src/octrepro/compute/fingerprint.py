"""What decides the result of a task beside its arguments: the code, the libraries, the data."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

import octrepro

# Their versions may change the bits of a result.
LIBRARIES = ("numpy", "numba", "torch")
# The folders of the package that a training passes through.
CODE = ("config", "core", "evaluation", "models", "replication", "training")
_BLOCK = 1 << 20


@cache
def code_fingerprint() -> str:
    """The digest of this process's own code, with the versions of its libraries in front.

    Two machines whose fingerprints are equal give the same result to the same task.
    """
    # A build's own label, as in 2.13.0+cpu, is left out: the same version, built for another machine.
    versions = [f"{name} {metadata.version(name).partition('+')[0]}" for name in LIBRARIES]
    return ", ".join([*versions, f"octrepro {_code_digest()[:16]}"])


def _code_digest() -> str:
    root = Path(octrepro.__path__[0])
    digest = hashlib.sha256()
    for folder in CODE:
        for source in sorted((root / folder).rglob("*.py")):
            digest.update(f"{source.relative_to(root).as_posix()}\0".encode())
            digest.update(hashlib.sha256(source.read_bytes()).digest())
    return digest.hexdigest()


def folder_digest(folder: Path) -> str:
    """The digest of a folder's files: their names and contents."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        content = hashlib.sha256()
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                content.update(block)
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        digest.update(content.digest())
    return digest.hexdigest()
