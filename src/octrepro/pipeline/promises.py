"""What dvc.lock promises of one data set's report, and where a rebuild differs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from octrepro.core import UserError

# Paths of outputs to what the lock says of them.
Outputs = dict[str, str]

CACHE = Path(".dvc/cache/files/md5")
FOLDER = ".dir"
NOTHING = "nothing"


@dataclass(frozen=True)
class Drift:
    """An output whose bytes are not those that dvc.lock promises."""

    stage: str
    output: str
    expected: str
    found: str


def promised(lock: Path, dataset: str) -> dict[str, Outputs]:
    """The outputs of every stage of `dataset`, and of those that depend on none, with their hashes.

    Raises
    ------
    UserError
        When there is no lock file, or it has nothing on this data set.
    """
    if not lock.exists():
        raise UserError("dvc.lock is not committed", hint="run 'make report' and commit dvc.lock")
    stages: dict[str, Any] = yaml.safe_load(lock.read_text(encoding="utf-8"))["stages"]
    wanted = {
        stage: {out["path"]: out["md5"] for out in entry.get("outs", [])}
        for stage, entry in stages.items()
        if _dataset(stage) in (None, dataset)
    }
    if not any(_dataset(stage) for stage in wanted):
        raise UserError(
            f"dvc.lock promises nothing for {dataset}",
            hint=f"run 'make report DATASET={dataset}' and commit dvc.lock",
        )
    return wanted


def drifts(expected: Mapping[str, Outputs], found: Mapping[str, Outputs]) -> Iterator[Drift]:
    """The outputs that differ, of all stages that ran; one that was never promised differs too."""
    for stage, outputs in found.items():
        before = expected.get(stage, {})
        for output in {**before, **outputs}:
            then, now = before.get(output, NOTHING), outputs.get(output, NOTHING)
            if then != now:
                yield Drift(stage, output, then, now)


def by_file(drift: Drift, before: Path, after: Path) -> list[Drift]:
    """The drift of a folder, file by file, where both projects' caches still list its files.

    Parameters
    ----------
    drift
        Any drift; one of a single file is returned as it is.
    before, after
        The project that made the promise and the one that was rebuilt.
    """
    then, now = _files(before, drift.expected), _files(after, drift.found)
    if then is None or now is None:
        return [drift]
    return [
        Drift(drift.stage, f"{drift.output}/{name}", then.get(name, NOTHING), now.get(name, NOTHING))
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    ]


def _dataset(stage: str) -> str | None:
    """The data set in a stage's address, such as ``train@phantom-mlp``."""
    return stage.partition("@")[2].partition("-")[0] or None


def _files(project: Path, checksum: str) -> dict[str, str] | None:
    if not checksum.endswith(FOLDER):
        return None
    try:
        listing = json.loads((project / CACHE / checksum[:2] / checksum[2:]).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return {entry["relpath"]: entry["md5"] for entry in listing}
