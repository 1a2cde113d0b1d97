"""Prove that a clean rebuild gives the same bytes: ``python -m octrepro.pipeline.check``."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from octrepro.core import UserError, numerics
from octrepro.pipeline import side_by_side
from octrepro.pipeline.environment import check_installed
from octrepro.pipeline.promises import Drift, Outputs, by_file, drifts, promised

# What the PDF was typeset with. TeX comes from the system, not from the lock file of packages, and another
# version sets another page: only PDFs of the same TeX are compared.
TYPESET = "typeset.json"


@dataclass(frozen=True)
class Rebuilt:
    """A rebuild beside what was promised.

    Attributes
    ----------
    revision
        The commit.
    expected, found
        Hashes of outputs by stage, as promised and as rebuilt.
    before, after
        The content of the outputs that are kept in git, as promised and as rebuilt.
    """

    revision: str
    expected: dict[str, Outputs]
    found: dict[str, Outputs]
    before: dict[str, str]
    after: dict[str, str]
    drifts: list[Drift]

    @property
    def compared(self) -> dict[str, Outputs]:
        """The promised stages that ran here, without those typeset by another TeX."""
        return {
            stage: outputs
            for stage, outputs in self.expected.items()
            if stage in self.found and not self.other_tex(stage)
        }

    def other_tex(self, stage: str) -> str | None:
        """The file that says that `stage` used another TeX than the one promised."""
        known = {drift.output for drift in self.drifts if drift.stage == stage}
        return next((output for output in known if Path(output).name == TYPESET), None)

    def count(self, stages: Iterable[str]) -> int:
        """Number of outputs of `stages`."""
        return sum(len(self.expected[stage]) for stage in stages)


def main(arguments: Sequence[str] | None = None) -> int:
    """Rebuild a clone of the committed state and compare; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m octrepro.pipeline.check", description=__doc__)
    parser.add_argument("--dataset", default="phantom", help="whose report to rebuild")
    parser.add_argument("--jobs", type=int, help="stages to run at once")
    options = parser.parse_args(arguments)
    try:
        check_installed(Path("requirements.lock"))
        return check(Path.cwd(), options.dataset, options.jobs, numerics.covers_this_processor())
    except UserError as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1


def check(project: Path, dataset: str, jobs: int | None = None, same_bits: bool = True) -> int:
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
        Whether this processor is one that must give the same bits; if not, metrics are compared within
        `side_by_side.ACCURACY_TOLERANCE`.

    Returns
    -------
    int
        0 when every output has the bytes promised (or every metric is close), 1 when one has not.

    Raises
    ------
    UserError
        When there is nothing to compare with, or the rebuild fails.
    """
    with tempfile.TemporaryDirectory(prefix="octrepro-check-") as folder:
        clone = Path(folder) / "clone"
        rebuilt = _rebuilt(project, clone, dataset, jobs)
        return _verdict(rebuilt, project, clone) if same_bits else _approximate_verdict(rebuilt)


def _rebuilt(project: Path, clone: Path, dataset: str, jobs: int | None) -> Rebuilt:
    revision = _clone(project, clone)
    expected = promised(clone / "dvc.lock", dataset)
    outputs = [path for of_stage in expected.values() for path in of_stage]
    before = {output: side_by_side.text(clone / output) for output in outputs}
    # Every output is made anew: none may come from git.
    (clone / "dvc.lock").unlink()
    for output in outputs:
        (clone / output).unlink(missing_ok=True)
    _build(clone, dataset, jobs)
    found = promised(clone / "dvc.lock", dataset)
    after = {output: side_by_side.text(clone / output) for output in outputs}
    return Rebuilt(revision, expected, found, before, after, list(drifts(expected, found)))


def _verdict(rebuilt: Rebuilt, project: Path, clone: Path) -> int:
    """Print whether all bytes are the same, and what differs; the exit code."""
    _tell_what_is_not_compared(rebuilt)
    compared = rebuilt.compared
    found = [drift for drift in rebuilt.drifts if not rebuilt.other_tex(drift.stage)]
    count = rebuilt.count(compared)
    if not found:
        stages = f"{count} outputs of {len(compared)} stages"
        print(f"Reproduced: {stages} at {rebuilt.revision} match dvc.lock.")
        return 0
    print(_table([part for drift in found for part in by_file(drift, project, clone)]))
    for drift in found:
        before, after = rebuilt.before.get(drift.output, ""), rebuilt.after.get(drift.output, "")
        for line in side_by_side.changes(before, after, drift.output):
            print(f"  {drift.output}: {line}")
    print(f"\nDrift: {len(found)} of {count} outputs at {rebuilt.revision} differ from dvc.lock.")
    return 1


def _approximate_verdict(rebuilt: Rebuilt) -> int:
    """Print whether all metrics are close; the exit code."""
    tolerance = side_by_side.ACCURACY_TOLERANCE
    print(
        f"This processor is outside the promise of equal bits ({numerics.COVERED}): "
        f"accuracies are compared, within {tolerance}."
    )
    metrics = [output for output in rebuilt.before if Path(output).name == "metrics.json"]
    wrong = [
        f"{output}: {line}"
        for output in metrics
        for line in side_by_side.beyond_tolerance(rebuilt.before[output], rebuilt.after[output])
    ]
    for line in wrong:
        print(f"  {line}")
    same = rebuilt.count(rebuilt.compared) - len(rebuilt.drifts)
    verdict = f"{len(wrong)} metrics are not" if wrong else f"the metrics of all {len(metrics)} runs are"
    print(f"At {rebuilt.revision} {verdict} within {tolerance}; {same} outputs have the same bytes.")
    return 1 if wrong else 0


def _tell_what_is_not_compared(rebuilt: Rebuilt) -> None:
    for stage in rebuilt.expected:
        if stage not in rebuilt.found:
            print(f"not compared: {stage} (it did not run here)")
        elif typeset := rebuilt.other_tex(stage):
            here, there = (_tex(content.get(typeset, "")) for content in (rebuilt.after, rebuilt.before))
            print(f"not compared: {stage} (typeset by {here}; dvc.lock's was by {there})")


def _tex(typeset: str) -> str:
    """The engine named in a typeset.json."""
    try:
        return str(json.loads(typeset)["engine"])
    except (ValueError, KeyError, TypeError):
        return "an unknown TeX"


def _clone(project: Path, clone: Path) -> str:
    _git(project, "clone", "--quiet", "--no-hardlinks", str(project), str(clone))
    if _git(project, "status", "--porcelain", "--untracked-files=no"):
        print("note: the committed state is checked; changes that are not committed are left out")
    return _git(clone, "rev-parse", "--short", "HEAD")


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
    command = [sys.executable, "-m", "octrepro.pipeline.build", dataset]
    command += ["--jobs", str(jobs)] if jobs else []
    result = subprocess.run(command, cwd=clone, env=environment, stdout=subprocess.DEVNULL, check=False)
    if result.returncode != 0:
        raise UserError("the rebuild failed", hint="its message is above; 'make report' shows the same")


def _table(rows: Sequence[Drift]) -> str:
    cells = [("stage", "output", "expected", "found")]
    cells += [(row.stage, row.output, row.expected, row.found) for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


if __name__ == "__main__":
    sys.exit(main())
