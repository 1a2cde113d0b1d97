"""What a lock file promises: the hash of every output, stage by stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from octrepro.core import UserError

NOTHING = "nothing"

# The hashes of a stage's outputs by path, by stage.
Promises = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Drift:
    """An output whose bytes are not those that were promised."""

    stage: str
    output: str
    expected: str
    found: str


def read_stages(text: str, where: str = "dvc.lock") -> dict[str, Any]:
    """The stages of a lock file, as DVC wrote them.

    Raises
    ------
    UserError
        When the text is not that of a lock file.
    """
    try:
        stages: dict[str, Any] = yaml.safe_load(text)["stages"]
        outputs(stages)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        raise UserError(f"{where} cannot be read as a lock file of DVC") from None
    return stages


def outputs(stages: dict[str, Any]) -> Promises:
    """The outputs of all stages with their hashes."""
    return {
        stage: {out["path"]: out["md5"] for out in entry.get("outs", [])} for stage, entry in stages.items()
    }


def drifts(expected: Promises, found: Promises) -> Iterator[Drift]:
    """The outputs that differ, stage by stage in the order of `found`; one on a single side differs too."""
    for stage in {**found, **expected}:
        before, now = expected.get(stage, {}), found.get(stage, {})
        for output in {**before, **now}:
            if before.get(output) != now.get(output):
                yield Drift(stage, output, before.get(output, NOTHING), now.get(output, NOTHING))
