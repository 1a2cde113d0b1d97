"""Prove that a clean rebuild gives the same bytes: clone, rebuild, compare two lock files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from octrepro.core import UserError, numerics

# On a processor outside the promise of equal bits, sums are rounded in another order, and such differences
# grow while a network trains. With the kernels of processors without AVX2 the largest change of a validation
# or test accuracy seen on the phantom was 0.014; most runs kept theirs to the image.
ACCURACY_TOLERANCE = 0.05
# What the PDF was typeset with. TeX comes from the system, not from the lock file of packages, and another
# version sets another page: only PDFs of the same TeX are compared.
TYPESET = "typeset.json"
NOTHING = "nothing"
LINES_OF_DIFFERENCE = 12

# The hashes of a stage's outputs by path, by stage.
Promises = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Drift:
    """An output whose bytes are not those that dvc.lock promises."""

    stage: str
    output: str
    expected: str
    found: str


def check(project: Path, dataset: str, jobs: int | None = None, *, same_bits: bool = True) -> int:
    """Clone the committed state of `project`, rebuild `dataset` there, compare with its dvc.lock.

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

    Returns
    -------
    int
        0 when every output has the bytes promised (or every accuracy is close), 1 when one has not.

    Raises
    ------
    UserError
        When there is nothing to compare with, or the rebuild fails.
    """
    with tempfile.TemporaryDirectory(prefix="octrepro-check-") as folder:
        clone = Path(folder) / "clone"
        _git(project, "clone", "--quiet", "--no-hardlinks", str(project), str(clone))
        if _git(project, "status", "--porcelain", "--untracked-files=no"):
            print("note: the committed state is checked; changes that are not committed are left out")
        lock = clone / "dvc.lock"
        expected = promises(lock, dataset)
        # Every output is made anew: none may come from git.
        lock.unlink()
        for output in (path for outputs in expected.values() for path in outputs):
            (clone / output).unlink(missing_ok=True)
        _build(clone, dataset, jobs)
        found = promises(lock, dataset)
        return _compare(expected, found, project, clone) if same_bits else _compare_accuracies(found, clone)


def promises(lock: Path, dataset: str) -> Promises:
    """The outputs of every stage of `dataset`, and of those that belong to none, with their hashes.

    Raises
    ------
    UserError
        When there is no lock file, or it has nothing on this data set.
    """
    if not lock.exists():
        raise UserError("dvc.lock is not committed", hint="run 'make report' and commit dvc.lock")
    stages: dict[str, Any] = yaml.safe_load(lock.read_text(encoding="utf-8"))["stages"]
    datasets = {stage: stage.partition("@")[2].partition("-")[0] for stage in stages}
    if dataset not in datasets.values():
        raise UserError(
            f"dvc.lock promises nothing for {dataset}",
            hint=f"run 'make report DATASET={dataset}' and commit dvc.lock",
        )
    return {
        stage: {out["path"]: out["md5"] for out in entry.get("outs", [])}
        for stage, entry in stages.items()
        if datasets[stage] in ("", dataset)
    }


def drifts(expected: Promises, found: Promises) -> Iterator[Drift]:
    """The outputs that differ, of all stages that ran; one that was never promised differs too."""
    for stage, outputs in found.items():
        before = expected.get(stage, {})
        for output in {**before, **outputs}:
            then, now = before.get(output, NOTHING), outputs.get(output, NOTHING)
            if then != now:
                yield Drift(stage, output, then, now)


def _compare(expected: Promises, found: Promises, project: Path, clone: Path) -> int:
    """Print whether all bytes are the same, and what differs; the exit code."""
    drifting = list(drifts(expected, found))
    other_tex = {drift.stage for drift in drifting if Path(drift.output).name == TYPESET}
    for stage in expected:
        if stage not in found:
            print(f"not compared: {stage} (it did not run here)")
        elif stage in other_tex:
            print(f"not compared: {stage} (typeset by another TeX than dvc.lock's)")
    drifting = [drift for drift in drifting if drift.stage not in other_tex]
    compared = [stage for stage in expected if stage in found and stage not in other_tex]
    count = sum(len(expected[stage]) for stage in compared)
    revision = _git(clone, "rev-parse", "--short", "HEAD")
    if not drifting:
        stages = f"{count} outputs of {len(compared)} stages"
        print(f"Reproduced: {stages} at {revision} match dvc.lock.")
        return 0
    for drift in drifting:
        for part in by_file(drift, project, clone):
            print(f"{part.stage}  {part.output}  expected {part.expected}, found {part.found}")
        # Outputs that are kept in git are shown as git shows changes, without its header.
        difference = _git(clone, "diff", "--unified=0", "--no-color", "--", drift.output).splitlines()[4:]
        print("".join(f"  {line}\n" for line in difference[:LINES_OF_DIFFERENCE]), end="")
    print(f"\nDrift: {len(drifting)} of {count} outputs at {revision} differ from dvc.lock.")
    return 1


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


def _compare_accuracies(found: Promises, clone: Path) -> int:
    """Print whether the accuracies of all runs are close to the committed ones; the exit code."""
    print(
        f"This processor is outside the promise of equal bits ({numerics.COVERED}): "
        f"accuracies are compared, within {ACCURACY_TOLERANCE}."
    )
    metrics = [path for outputs in found.values() for path in outputs if path.endswith("/metrics.json")]
    wrong = [
        f"  {path}: {line}"
        for path in metrics
        for line in beyond_tolerance(
            json.loads(_git(clone, "show", f"HEAD:{path}")), json.loads((clone / path).read_text())
        )
    ]
    verdict = f"{len(wrong)} metrics are not" if wrong else f"the metrics of all {len(metrics)} runs are"
    print("\n".join([*wrong, f"{verdict} within {ACCURACY_TOLERANCE}."]))
    return 1 if wrong else 0


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
    result = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise UserError(
            f"git {arguments[0]} failed: {result.stderr.strip()}", expected="a git repository with a commit"
        )
    return result.stdout.strip()


def _build(clone: Path, dataset: str, jobs: int | None) -> None:
    # The clone's own code, not the installed one, does the work.
    environment = {**os.environ, "PYTHONPATH": str(clone / "src")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    command = [sys.executable, "-m", "octrepro", "build", dataset]
    command += ["--jobs", str(jobs)] if jobs else []
    result = subprocess.run(command, cwd=clone, env=environment, stdout=subprocess.DEVNULL, check=False)
    if result.returncode != 0:
        raise UserError("the rebuild failed", hint="its message is above; 'make report' shows the same")
