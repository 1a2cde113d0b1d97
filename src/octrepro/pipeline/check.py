"""Prove that a clean rebuild gives the same bytes: clone, rebuild, compare with what was promised."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from octrepro.config.sources import Medmnist
from octrepro.core import UserError, paths
from octrepro.core.errors import printable
from octrepro.core.files import write_json
from octrepro.pipeline.attestation import differences, read_statement, state
from octrepro.pipeline.build import params_with
from octrepro.pipeline.committed import (
    Drift,
    Outputs,
    dataset_of,
    drifts,
    git,
    outputs,
    read_stages,
    typeset_otherwise,
)
from octrepro.pipeline.environment import check_installed, check_processor

LINES_OF_DIFFERENCE = 12
LOCK = "dvc.lock"


def check(project: Path, dataset: str, jobs: int | None = None, against: Path | None = None) -> int:
    """Clone the committed state of `project`, rebuild `dataset` there, compare with what dvc.lock promises.

    What was found is stated in build/check.json, and compared with `against`, another machine's statement.

    Returns an exit code: 0 when everything is as promised and as on the other machine, else 1. A UserError
    when equal bytes are not promised here, there is nothing to compare with or the rebuild fails.
    """
    check_processor()
    other = None if against is None else read_statement(against)
    with _cloned(project) as clone:
        packages = check_installed(clone / "requirements.lock")
        expected = _promises(clone, dataset)
        commit, lock = _git(clone, "rev-parse", "HEAD"), (clone / LOCK).read_bytes()
        found = _rebuild(project, clone, dataset, jobs)
        drifting = drifts(expected, found)
        # What is kept in git may be another than the lock file rightly promises.
        changed = _git(clone, "diff", "--name-only", "-z").split("\0")
        drifting += [
            Drift(*output, "other bytes in git", md5)
            for output, md5 in found.items()
            if output[1] in changed and expected.get(output) == md5
        ]
        for drift in drifting:
            _show(drift, project, clone)
    statement = state(found, commit, lock, packages, passed=not drifting)
    write_json(project / "build/check.json", statement)
    left_out = typeset_otherwise(expected, found)
    for stage in left_out:
        print(f"not compared: {stage} (typeset by another TeX, or on one side alone)")
    count = sum(stage not in left_out for stage, _ in expected)
    if drifting:
        print(f"\nDrift: {len(drifting)} of {count} outputs at {commit[:7]} differ from {LOCK}.")
    else:
        print(f"Reproduced: {count} outputs at {commit[:7]} match {LOCK}.")
    differing = "" if other is None else differences(statement, other, str(against))
    if other is not None:
        print(differing or f"The outputs are those of {against}.")
    return 1 if drifting or differing else 0


def _promises(project: Path, dataset: str) -> Outputs:
    """What dvc.lock promises of `dataset`, and of what belongs to none; a UserError when it is nothing."""
    params_with(dataset, project / "params.yaml")
    stages = _read(project / LOCK)
    if dataset not in map(dataset_of, stages):
        raise UserError(
            f"{LOCK} promises nothing of {dataset}",
            hint=f"whoever has the data runs 'make report DATASET={dataset}', "
            f"then commits {LOCK} and runs/{dataset}/",
        )
    return outputs(stages, dataset)


def _read(lock: Path) -> dict[str, Any]:
    return read_stages(lock.read_text(encoding="utf-8")) if lock.exists() else {}


@contextmanager
def _cloned(project: Path) -> Iterator[Path]:
    """A clone of the committed state, removed afterwards."""
    if _git(project, "status", "--porcelain", "--untracked-files=no"):
        print("note: the committed state is checked; changes that are not committed are left out")
    with tempfile.TemporaryDirectory(prefix="octrepro-check-") as folder:
        clone = Path(folder) / "clone"
        _git(project, "clone", "--quiet", "--no-hardlinks", str(project), str(clone))
        yield clone


def _rebuild(project: Path, clone: Path, dataset: str, jobs: int | None) -> Outputs:
    """Make every output anew, from data that are there if they are published ones; what came out.

    Stages come in the order in which they ended: each after those that it depends on.
    """
    settings = params_with(dataset, clone / "params.yaml").datasets[dataset]
    raw = paths.raw(dataset)
    if isinstance(settings, Medmnist):
        if not (project / raw).is_file():
            raise UserError(
                f"the data of {dataset} are not here: {raw} is missing",
                hint=f"get them with 'dvc repro fetch@{dataset}', or put the file there",
            )
        (clone / raw).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project / raw, clone / raw)
    # Without it DVC takes nothing for made: it removes every output that came from git, and makes it.
    (clone / LOCK).unlink()
    # The clone's own code, not the installed one, does the work.
    environment = {**os.environ, "PYTHONPATH": str(clone / "src")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    command = [sys.executable, "-m", "octrepro", "build", dataset]
    command += ["--jobs", str(jobs)] if jobs else []
    result = subprocess.run(command, cwd=clone, env=environment, stdout=subprocess.DEVNULL, check=False)
    if result.returncode != 0:
        raise UserError("the rebuild failed", hint="its message is above; 'make report' shows the same")
    return outputs(_read(clone / LOCK), dataset)


def _show(drift: Drift, project: Path, clone: Path) -> None:
    """Print what differs: of a folder its files, of what is kept in git its lines."""
    before, now = _listed(drift, project, drift.expected), _listed(drift, clone, drift.found)
    for part in drifts(before, now) if before and now else [drift]:
        print(printable(f"{part.stage}  {part.output}  expected {part.expected}, found {part.found}"))
    # Without git's header.
    difference = _git(clone, "diff", "--unified=0", "--no-color", "--", drift.output).splitlines()[4:]
    print("".join(f"  {line}\n" for line in difference[:LINES_OF_DIFFERENCE]), end="")


def _listed(drift: Drift, place: Path, checksum: str) -> Outputs:
    """The files of a folder, where DVC's cache lists them."""
    listing = place / ".dvc/cache/files/md5" / checksum[:2] / checksum[2:]
    if not checksum.endswith(".dir") or not listing.exists():
        return {}
    files = json.loads(listing.read_text(encoding="utf-8"))
    return {(drift.stage, f"{drift.output}/{file['relpath']}"): file["md5"] for file in files}


def _git(folder: Path, *arguments: str) -> str:
    return git(folder, *arguments).decode().strip()
