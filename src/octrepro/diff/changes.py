"""The values of a revision and of the working tree, side by side."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup

from octrepro.core import UserError
from octrepro.pipeline.committed import git, outputs, read_stages

ABSENT = "—"
HERE = Path()

# A revision of git; None is the working tree.
Side = str | None
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
        """What it is of, and both values, as text."""
        return (*self.of, _shown(self.before), _shown(self.now))


def check_revision(revision: str) -> None:
    """Refuse what is no commit, branch or tag."""
    try:
        git(HERE, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except UserError:
        raise UserError(
            f"git does not know the revision {revision!r}",
            expected="a commit, branch or tag of this clone",
            hint="git fetch, or name another: make diff REV=HEAD~1",
        ) from None


def compare(values: Callable[[Side], Values], revision: str) -> list[Change]:
    """Everything that `values` finds in `revision` or in the working tree, moved or not."""
    try:
        before, now = values(revision), values(None)
    except (yaml.YAMLError, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UserError(f"the results of {revision} or of the working tree cannot be read: {error}") from None
    return [Change(name, before.get(name), now.get(name)) for name in {**before, **now}]


def parameters(side: Side) -> Values:
    """Every number and word of params.yaml."""
    return {
        (name,): value
        for _, text in _files(side, "params.yaml")
        for name, value in _leaves(yaml.safe_load(text))
    }


def metrics(side: Side) -> Values:
    """The numbers of every run; lists, such as the confusion matrix, are left out."""
    return {
        ("/".join(path.parts[1:-1]), name): value
        for path, text in _files(side, "runs/*/*/metrics.json")
        for name, value in _leaves(json.loads(text))
        if not isinstance(value, list)
    }


def claims(side: Side) -> Values:
    """Statement and verdict of every claim on every data set."""
    return {
        (path.parts[1], claim["id"]): (plain(claim["statement"]), claim["verdict"])
        for path, text in _files(side, "runs/*/claims.json")
        for claim in json.loads(text)
    }


def verdicts(revision: str) -> list[Change]:
    """The verdicts on every claim, each of a data set, a claim and its statement."""
    found = []
    for claim in compare(claims, revision):
        statement, _ = claim.now or claim.before
        before, now = (side and side[1] for side in (claim.before, claim.now))
        found.append(Change((*claim.of, statement), before, now))
    return found


def constructions(side: Side) -> Values:
    """The verdict on every Boolean construction."""
    return {
        (entry["name"],): f"{entry['verdict']}, {'robust' if entry['robust'] else 'not robust'}, "
        f"{entry['mismatches']} mismatches"
        for _, text in _files(side, "runs/boolean/verification.json")
        for entry in json.loads(text).get("constructions", [])
    }


def hashes(side: Side) -> Values:
    """The hash of every output in dvc.lock."""
    return {
        (output,): md5
        for _, text in _files(side, "dvc.lock")
        for (_, output), md5 in outputs(read_stages(text, f"dvc.lock of {side or 'now'}")).items()
    }


def histories(side: Side) -> Values:
    """The text of every run's history.csv."""
    return {path.parts[1:-1]: text for path, text in _files(side, "runs/*/*/history.csv")}


def plain(text: str) -> str:
    """`text` with its formulas, written in LaTeX between dollar signs, as plain characters."""
    from math_core import LatexToMathML

    write = LatexToMathML().convert_with_local_state

    def characters(formula: re.Match[str]) -> str:
        return Markup(write(formula[1], displaystyle=False)).striptags()  # noqa: S704 - no markup is left

    return re.sub(r"\$([^$]+)\$", characters, text)


def _files(side: Side, pattern: str) -> Iterator[tuple[Path, str]]:
    """The paths of a side that match, in order, with their text."""
    if side is None:
        for path in sorted(HERE.glob(pattern)):
            yield path, path.read_text(encoding="utf-8")
        return
    for name in git(HERE, "ls-tree", "-r", "--name-only", "-z", side).decode().split("\0"):
        if Path("/", name).match(f"/{pattern}"):  # the whole path
            yield Path(name), git(HERE, "show", f"{side}:{name}").decode()


def _leaves(mapping: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """What nested mappings hold, by dotted name."""
    for key, value in mapping.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _shown(value: Any) -> str:
    return ABSENT if value is None else f"{value:.5g}" if isinstance(value, float) else str(value)
