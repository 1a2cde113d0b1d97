"""The values of a revision and of the working tree, side by side."""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from markupsafe import Markup

from octrepro.core import UserError
from octrepro.pipeline.committed import git, outputs, read_stages

ABSENT = "—"

# Values by what they are of, such as ("phantom/mlp", "test_accuracy").
Values = Mapping[tuple[str, ...], Any]


@dataclass(frozen=True)
class Change:
    """A value before and now, None on a side that lacks it."""

    of: tuple[str, ...]
    before: Any
    now: Any

    @property
    def moved(self) -> bool:
        """Whether it is another value; one on one side only has moved too."""
        return bool(self.before != self.now)

    @property
    def row(self) -> tuple[str, ...]:
        """What it is of, and both values, as text; with the difference of two numbers."""
        numbers = isinstance(self.before, float) and isinstance(self.now, float)
        difference = f" ({self.now - self.before:+.5g})" if numbers and self.moved else ""
        return (*self.of, _shown(self.before), f"{_shown(self.now)}{difference}")


def compare(revision: str) -> dict[str, list[Change]]:
    """All that `revision` or the working tree holds, moved or not, by kind as in `read`."""
    try:
        archive = git(Path(), "archive", "--format=zip", "--end-of-options", f"{revision}^{{commit}}")
    except UserError:
        raise UserError(
            f"git does not know the revision {revision!r}",
            expected="a commit, branch or tag of this clone",
            hint="git fetch, or name another: make diff REV=HEAD~1",
        ) from None
    with TemporaryDirectory() as folder:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            files.extractall(folder)
        try:
            before, now = read(Path(folder)), read(Path())
        except (
            UserError,
            yaml.YAMLError,
            OSError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
        ) as error:
            message = f"the results of {revision} or of the working tree cannot be read: {error}"
            raise UserError(message) from None
    return {
        kind: [Change(of, before[kind].get(of), now[kind].get(of)) for of in {**before[kind], **now[kind]}]
        for kind in now
    }


def read(project: Path) -> dict[str, Values]:
    """What is compared of the project in a folder, by kind."""
    claims = list(_claims(project))
    return {
        "parameters": {
            (name,): value
            for _, text in _files(project, "params.yaml")
            for name, value in _leaves(yaml.safe_load(text))
        },
        "metrics": {
            ("/".join(path.parts[-3:-1]), name): value
            for path, text in _files(project, "runs/*/*/metrics.json")
            for name, value in _leaves(json.loads(text))
            if not isinstance(value, list)  # as the confusion matrix is
        },
        "verdicts": {(dataset, claim): verdict for dataset, claim, _, verdict in claims},
        "statements": {(dataset, claim): statement for dataset, claim, statement, _ in claims},
        "curves": {path.parts[-3:-1]: text for path, text in _files(project, "runs/*/*/history.csv")},
        "hashes": {
            (output,): md5
            for _, text in _files(project, "dvc.lock")
            for (_, output), md5 in outputs(read_stages(text)).items()
        },
    }


def plain(text: str) -> str:
    """`text` with its formulas, written in LaTeX between dollar signs, as plain characters."""
    from math_core import LatexToMathML

    write = LatexToMathML().convert_with_local_state

    def characters(formula: re.Match[str]) -> str:
        return Markup(write(formula[1], displaystyle=False)).striptags()  # noqa: S704 - no markup is left

    return re.sub(r"\$([^$]+)\$", characters, text)


def _claims(project: Path) -> Iterator[tuple[str, str, str, str]]:
    """Data set, name, statement and verdict of every claim, and of every Boolean construction."""
    for path, text in _files(project, "runs/*/claims.json"):
        for claim in json.loads(text):
            yield path.parent.name, claim["id"], plain(claim["statement"]), claim["verdict"]
    for path, text in _files(project, "runs/boolean/verification.json"):
        for network in json.loads(text)["constructions"]:
            robust = "robust" if network["robust"] else "not robust"
            verdict = f"{network['verdict']}, {robust}, {network['mismatches']} mismatches"
            yield path.parent.name, network["name"], network["title"], verdict


def _files(project: Path, pattern: str) -> Iterator[tuple[Path, str]]:
    """The paths that match, in order, with their text."""
    for path in sorted(project.glob(pattern)):
        yield path, path.read_text(encoding="utf-8")


def _leaves(mapping: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """What nested mappings hold, by dotted name."""
    for key, value in mapping.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _shown(value: Any) -> str:
    return ABSENT if value is None else f"{value:.5g}" if isinstance(value, float) else str(value)
