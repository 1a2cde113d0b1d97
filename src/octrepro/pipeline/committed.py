"""What is committed: files, as git knows them, and the hash of every output, as a lock file promises it."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from octrepro.core import UserError

NOTHING = "nothing"
# What the PDF was typeset with. TeX comes from the system, not from the lock file of packages, and another
# version sets another page: only PDFs of the same TeX are compared.
TYPESET = "typeset.json"

# The hash of every output, by the stage that makes it and its path.
Outputs = Mapping[tuple[str, str], str]


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


def read_stages(text: str) -> dict[str, Any]:
    """The stages of a lock file, as DVC wrote them; a UserError when it is none."""
    try:
        stages: dict[str, Any] = yaml.safe_load(text)["stages"]
        outputs(stages)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        raise UserError("dvc.lock cannot be read as a lock file of DVC") from None
    return stages


def outputs(stages: dict[str, Any], dataset: str | None = None) -> Outputs:
    """The outputs of all stages, or of those that belong to `dataset` or to none."""
    return {
        (stage, out["path"]): out["md5"]
        for stage, entry in stages.items()
        if dataset is None or dataset_of(stage) in ("", dataset)
        for out in entry.get("outs", [])
    }


def dataset_of(stage: str) -> str:
    """The data set of a stage; empty where it belongs to none."""
    return stage.partition("@")[2].partition("-")[0]


def drifts(expected: Outputs, found: Outputs) -> list[Drift]:
    """The outputs that differ, in the order of `found`; one on a single side differs too."""
    left_out = typeset_otherwise(expected, found)
    return [
        Drift(*output, expected.get(output, NOTHING), found.get(output, NOTHING))
        for output in {**found, **expected}
        if expected.get(output) != found.get(output) and output[0] not in left_out
    ]


def typeset_otherwise(expected: Outputs, found: Outputs) -> set[str]:
    """The stages that cannot be compared: those that typeset by another TeX, or on one side alone."""
    return {stage for (stage, path), _ in expected.items() ^ found.items() if Path(path).name == TYPESET}
