"""What is committed: files, as git knows them, and the hash of every output, as a lock file promises it."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from octrepro.core import UserError

NOTHING = "nothing"
# What the PDF was typeset with. TeX comes from the system, not from the lock file of packages, and another
# version sets another page: only PDFs of the same TeX are compared.
TYPESET = "typeset.json"

# The hashes of a stage's outputs by path, by stage.
Promises = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Drift:
    """An output whose bytes are not those that were promised."""

    stage: str
    output: str
    expected: str
    found: str


def git(folder: Path, *arguments: str) -> bytes:
    """What a git command prints, run in `folder`; a UserError when it fails."""
    result = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    if result.returncode != 0:
        raise UserError(
            f"git {arguments[0]} failed: {result.stderr.decode(errors='replace').strip()}",
            expected="a git repository with a commit",
        )
    return result.stdout


def read_stages(text: str, where: str = "dvc.lock") -> dict[str, Any]:
    """The stages of a lock file, as DVC wrote them; a UserError when it is none."""
    try:
        stages: dict[str, Any] = yaml.safe_load(text)["stages"]
        outputs(stages)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        raise UserError(f"{where} cannot be read as a lock file of DVC") from None
    return stages


def outputs(stages: dict[str, Any], dataset: str | None = None) -> Promises:
    """The outputs of all stages, or of those that belong to `dataset` or to none, with their hashes."""
    return {
        stage: {out["path"]: out["md5"] for out in entry.get("outs", [])}
        for stage, entry in stages.items()
        if dataset is None or dataset_of(stage) in ("", dataset)
    }


def dataset_of(stage: str) -> str:
    """The data set of a stage; empty where it belongs to none."""
    return stage.partition("@")[2].partition("-")[0]


def drifts(expected: Promises, found: Promises) -> Iterator[Drift]:
    """The outputs that differ, stage by stage in the order of `found`; one on a single side differs too."""
    for stage in {**found, **expected}:
        before, now = expected.get(stage, {}), found.get(stage, {})
        for output in {**before, **now}:
            if before.get(output) != now.get(output):
                yield Drift(stage, output, before.get(output, NOTHING), now.get(output, NOTHING))


def not_comparable(expected: Promises, found: Promises) -> dict[str, str]:
    """The stages whose outputs may differ between machines, and why: those that typeset with another TeX."""
    reasons = {}
    for stage in {**expected, **found}:
        before, now = (
            {Path(path).name: md5 for path, md5 in side.get(stage, {}).items()} for side in (expected, found)
        )
        if stage.startswith("pdf@") and not (before and now):
            reasons[stage] = "it did not run on both sides"
        elif before and now and before.get(TYPESET) != now.get(TYPESET):
            reasons[stage] = "typeset by another TeX"
    return reasons
