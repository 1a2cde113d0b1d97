"""Prove that a clean rebuild gives the same bytes: clone, rebuild, compare with what was promised."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from octrepro.config.sources import Medmnist
from octrepro.core import UserError, numerics, paths
from octrepro.core.errors import printable
from octrepro.core.files import write_json, write_text
from octrepro.pipeline.attestation import differences, read_statement, state
from octrepro.pipeline.build import params_with
from octrepro.pipeline.environment import installed
from octrepro.pipeline.git import git
from octrepro.pipeline.promises import (
    NOTHING,
    Drift,
    Promises,
    dataset_of,
    drifts,
    not_comparable,
    outputs,
    read_stages,
)

# On a processor outside the promise of equal bits, sums are rounded in another order, and such differences
# grow while a network trains. With the kernels of processors without AVX2 the largest change of a validation
# or test accuracy seen on the phantom was 0.014; most runs kept theirs to the image.
ACCURACY_TOLERANCE = 0.05
LINES_OF_DIFFERENCE = 12
LOCK = Path("dvc.lock")
STATEMENT = Path("build/check.json")


def check(
    project: Path,
    dataset: str,
    jobs: int | None = None,
    *,
    same_bits: bool = True,
    against: Path | None = None,
) -> int:
    """Clone the committed state of `project`, rebuild `dataset` there, compare with what was promised.

    Promised is what dvc.lock says, or locks/<dataset>.lock for a data set that dvc.lock lacks. What was found
    is stated in build/check.json.

    Parameters
    ----------
    project
        The project's folder, in git.
    dataset
        Whose report to rebuild.
    jobs
        Stages to run at once; all cores' worth by default.
    same_bits
        Whether this processor is one that must give the same bits; if not, accuracies are compared within
        ACCURACY_TOLERANCE.
    against
        Another machine's statement, to compare with too.

    Returns
    -------
    int
        0 when every output has the bytes promised (or every accuracy is close) and the other machine's,
        1 when one has not.

    Raises
    ------
    UserError
        When there is nothing to compare with, the data are missing, or the rebuild fails.
    """
    other = None if against is None else read_statement(against)
    with tempfile.TemporaryDirectory(prefix="octrepro-check-") as folder:
        clone = _clone(project, Path(folder))
        lock, expected = promises(clone, dataset)
        sources = {
            "commit": {"gitCommit": _git(clone, "rev-parse", "HEAD")},
            lock.as_posix(): {"sha256": hashlib.sha256((clone / lock).read_bytes()).hexdigest()},
        }
        found = _rebuild(project, clone, dataset, jobs)
        if same_bits:
            compared, drifting = _compare(expected, found, clone)
            _show(compared, drifting, expected, lock, project, clone)
        else:
            compared, drifting = _compare_accuracies(found, clone)
        statement = state(found, compared, drifting, sources, installed(clone / "requirements.lock"))
    write_json(project / STATEMENT, statement)
    differing = [] if other is None else differences(statement, other, str(against))
    if other is not None:
        print("\n".join(differing) or f"The outputs are those of {against}.")
    return 1 if drifting or differing else 0


def record(project: Path, dataset: str, jobs: int | None = None) -> None:
    """Rebuild `dataset` from the committed state and write what came out to locks/<dataset>.lock.

    Raises
    ------
    UserError
        When dvc.lock promises the data set already, the data are missing, or the rebuild fails.
    """
    with tempfile.TemporaryDirectory(prefix="octrepro-check-") as folder:
        clone = _clone(project, Path(folder))
        if dataset in {dataset_of(stage) for stage in _read(clone / LOCK)}:
            raise UserError(
                f"{LOCK} promises the outputs of {dataset} already",
                hint=f"'make report DATASET={dataset}' keeps it up to date; commit it",
            )
        found = _rebuild(project, clone, dataset, jobs)
        stages = {
            stage: {"outs": [{"path": path, "md5": md5} for path, md5 in files.items()]}
            for stage, files in found.items()
            if dataset_of(stage) == dataset
        }
        text = f"# The outputs of {dataset}, recorded by: make check DATASET={dataset} RECORD=1\n"
        target = reference_lock(dataset)
        write_text(project / target, text + yaml.safe_dump({"schema": "2.0", "stages": stages}))
        revision = _git(clone, "rev-parse", "--short", "HEAD")
    print(f"Recorded the outputs of {len(stages)} stages at {revision}. Commit {target}.")


def reference_lock(dataset: str) -> Path:
    """Where the outputs are promised of a data set that dvc.lock lacks."""
    return Path("locks") / f"{dataset}.lock"


def promises(project: Path, dataset: str) -> tuple[Path, Promises]:
    """The lock file that promises the outputs of `dataset`, and those of its stages and of all data sets'.

    Raises
    ------
    UserError
        When params.yaml lacks the data set, or no lock file promises anything of it.
    """
    params_with(dataset, project / "params.yaml")
    for lock in (LOCK, reference_lock(dataset)):
        stages = _read(project / lock)
        if dataset in {dataset_of(stage) for stage in stages}:
            return lock, outputs({**_read(project / LOCK), **stages}, dataset)
    raise UserError(
        f"neither {LOCK} nor {reference_lock(dataset)} promises anything of {dataset}",
        expected="one of them, committed",
        hint=f"whoever has the data records it: make check DATASET={dataset} RECORD=1",
    )


def _read(lock: Path) -> dict[str, Any]:
    return read_stages(lock.read_text(encoding="utf-8"), lock.name) if lock.exists() else {}


def _clone(project: Path, folder: Path) -> Path:
    clone = folder / "clone"
    _git(project, "clone", "--quiet", "--no-hardlinks", str(project), str(clone))
    if _git(project, "status", "--porcelain", "--untracked-files=no"):
        print("note: the committed state is checked; changes that are not committed are left out")
    return clone


def _rebuild(project: Path, clone: Path, dataset: str, jobs: int | None) -> Promises:
    """Make every output anew, from data that are there if they are published ones; what came out."""
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
    (clone / LOCK).unlink(missing_ok=True)
    _build(clone, dataset, jobs)
    return outputs(_read(clone / LOCK), dataset)


def _compare(expected: Promises, found: Promises, clone: Path) -> tuple[set[str], list[Drift]]:
    """The stages that were compared, and what drifted from the lock file or from what is kept in git."""
    left_out = not_comparable(expected, found)
    for stage, reason in left_out.items():
        print(f"not compared: {stage} ({reason})")
    drifting = list(drifts(expected, found))
    # The lock file may be right, and a result in git not what it promises.
    changed = {*_git(clone, "diff", "--name-only", "-z").split("\0")} - {drift.output for drift in drifting}
    drifting += [
        Drift(stage, path, "other bytes in git", md5)
        for stage, files in found.items()
        for path, md5 in files.items()
        if path in changed
    ]
    compared = {*found, *expected} - set(left_out)
    return compared, [drift for drift in drifting if drift.stage in compared]


def _show(
    compared: set[str], drifting: list[Drift], expected: Promises, lock: Path, project: Path, clone: Path
) -> None:
    """Print whether all bytes are the same, and what differs."""
    count = sum(len(expected.get(stage, {})) for stage in compared)
    revision = _git(clone, "rev-parse", "--short", "HEAD")
    if not drifting:
        print(f"Reproduced: {count} outputs of {len(compared)} stages at {revision} match {lock}.")
        return
    for drift in drifting:
        for part in by_file(drift, project, clone):
            print(printable(f"{part.stage}  {part.output}  expected {part.expected}, found {part.found}"))
        # Outputs that are kept in git are shown as git shows changes, without its header.
        difference = _git(clone, "diff", "--unified=0", "--no-color", "--", drift.output).splitlines()[4:]
        print("".join(f"  {line}\n" for line in difference[:LINES_OF_DIFFERENCE]), end="")
    print(f"\nDrift: {len(drifting)} of {count} outputs at {revision} differ from {lock}.")


def by_file(drift: Drift, project: Path, clone: Path) -> list[Drift]:
    """The drift of a folder, file by file, where the caches of both projects list its files."""
    then, now = _listing(project, drift.expected), _listing(clone, drift.found)
    if then is None or now is None:
        return [drift]
    return [
        Drift(drift.stage, f"{drift.output}/{name}", then.get(name, NOTHING), now.get(name, NOTHING))
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    ]


def _listing(project: Path, checksum: str) -> dict[str, str] | None:
    path = project / ".dvc/cache/files/md5" / checksum[:2] / checksum[2:]
    if not checksum.endswith(".dir") or not path.exists():
        return None
    return {entry["relpath"]: entry["md5"] for entry in json.loads(path.read_text(encoding="utf-8"))}


def _compare_accuracies(found: Promises, clone: Path) -> tuple[set[str], list[Drift]]:
    """The stages whose accuracies were compared with the committed ones, and those that are not close."""
    print(
        f"This processor is outside the promise of equal bits ({numerics.COVERED}): "
        f"accuracies are compared, within {ACCURACY_TOLERANCE}."
    )
    metrics = {path: stage for stage in found for path in found[stage] if path.endswith("/metrics.json")}
    wrong = [
        Drift(stage, path, f"within {ACCURACY_TOLERANCE}", line)
        for path, stage in metrics.items()
        for line in beyond_tolerance(
            json.loads(_git(clone, "show", f"HEAD:{path}")), json.loads((clone / path).read_text())
        )
    ]
    verdict = f"{len(wrong)} metrics are not" if wrong else f"the metrics of all {len(metrics)} runs are"
    print(
        "\n".join([*(f"  {d.output}: {d.found}" for d in wrong), f"{verdict} within {ACCURACY_TOLERANCE}."])
    )
    return set(metrics.values()), wrong


def beyond_tolerance(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The accuracies of two metrics.json that differ by more than ACCURACY_TOLERANCE, one line each.

    A run that diverged in one version and not in the other differs too.
    """

    def close(then: Any, now: Any) -> bool:
        numbers = isinstance(then, (int, float)) and isinstance(now, (int, float))
        return bool(abs(then - now) <= ACCURACY_TOLERANCE if numbers else then == now)

    keys = [key for key in before if key.endswith("_accuracy")]
    wrong = [key for key in keys if not close(before[key], after.get(key))]
    if before.get("diverged") != after.get("diverged"):
        wrong.append("diverged")
    return [f"{key}: expected {before.get(key)}, found {after.get(key)}" for key in wrong]


def _git(folder: Path, *arguments: str) -> str:
    return git(folder, *arguments).decode().strip()


def _build(clone: Path, dataset: str, jobs: int | None) -> None:
    # The clone's own code, not the installed one, does the work.
    environment = {**os.environ, "PYTHONPATH": str(clone / "src")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    command = [sys.executable, "-m", "octrepro", "build", dataset]
    command += ["--jobs", str(jobs)] if jobs else []
    result = subprocess.run(command, cwd=clone, env=environment, stdout=subprocess.DEVNULL, check=False)
    if result.returncode != 0:
        raise UserError("the rebuild failed", hint="its message is above; 'make report' shows the same")
