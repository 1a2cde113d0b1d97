"""What a revision says: its parameters and the results that are kept in git."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from octrepro.core import UserError

History = dict[str, list[float]]
Read = Callable[[str], bytes]


@dataclass(frozen=True)
class Snapshot:
    """The parameters and results of one revision.

    Attributes
    ----------
    name
        The revision, or ``working tree``.
    params
        Content of params.yaml.
    metrics, histories
        By data set and run, ``(dataset, run)``; a history's columns hold NaN where nothing is recorded.
    claims
        By data set and claim, ``(dataset, id)``.
    constructions
        By name, from the Boolean verification.
    """

    name: str
    params: dict[str, Any]
    metrics: dict[tuple[str, str], dict[str, Any]]
    histories: dict[tuple[str, str], History]
    claims: dict[tuple[str, str], dict[str, Any]]
    constructions: dict[str, dict[str, Any]]


def of_revision(revision: str) -> Snapshot:
    """The snapshot of a commit, branch or tag.

    Raises
    ------
    UserError
        When git does not know the revision or its parameters cannot be read.
    """
    if revision.startswith("-") or _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") is None:
        raise UserError(
            f"git does not know the revision {revision!r}",
            expected="a commit, branch or tag of this clone",
            hint="git fetch, or name another: make diff REV=HEAD~1",
        )
    listed = (_git("ls-tree", "-r", "--name-only", "-z", revision, "runs") or b"").decode().split("\0")

    def read(path: str) -> bytes:
        content = _git("show", f"{revision}:{path}")
        if content is None:
            raise UserError(f"{revision} has no {path}")
        return content

    return _snapshot(revision, listed, read)


def of_working_tree() -> Snapshot:
    """The snapshot of the files as they are now."""
    listed = [path.as_posix() for path in sorted(Path("runs").rglob("*")) if path.is_file()]
    return _snapshot("working tree", listed, lambda path: Path(path).read_bytes())


def _snapshot(name: str, listed: list[str], read: Read) -> Snapshot:
    try:
        params = yaml.safe_load(read("params.yaml"))
        metrics: dict[tuple[str, str], dict[str, Any]] = {}
        histories: dict[tuple[str, str], History] = {}
        claims: dict[tuple[str, str], dict[str, Any]] = {}
        constructions: dict[str, dict[str, Any]] = {}
        for path in listed:
            match path.split("/")[1:]:
                case [dataset, run, "metrics.json"]:
                    metrics[dataset, run] = json.loads(read(path))
                case [dataset, run, "history.csv"]:
                    histories[dataset, run] = _history(read(path))
                case [dataset, "claims.json"]:
                    claims |= {(dataset, claim["id"]): claim for claim in json.loads(read(path))}
                case ["boolean", "verification.json"]:
                    entries = json.loads(read(path))["constructions"]
                    constructions = {entry["name"]: entry for entry in entries}
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise UserError(f"the results of {name} cannot be read: {error}") from None
    return Snapshot(name, params, metrics, histories, claims, constructions)


def _history(content: bytes) -> History:
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    columns = rows[0].keys() if rows else ()
    return {column: [float(row[column] or "nan") for row in rows] for column in columns}


def _git(*arguments: str) -> bytes | None:
    """What git prints; None when it fails."""
    result = subprocess.run(["git", *arguments], capture_output=True, check=False)
    return result.stdout if result.returncode == 0 else None
