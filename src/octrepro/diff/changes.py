"""The differences between a revision and the working tree, as tables and pairs of curves."""

from __future__ import annotations

import io
import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from octrepro.core import UserError

if TYPE_CHECKING:
    import pandas as pd

NOW = "now"
ABSENT = "—"


@dataclass(frozen=True)
class Table:
    """Rows of plain text under a title."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True)
class Verdict:
    """What became of a claim on a data set, before and now."""

    dataset: str
    claim: str
    statement: str
    before: str
    now: str

    @property
    def moved(self) -> bool:
        """Whether it is another verdict; a claim on one side only has moved too."""
        return self.before != self.now


@dataclass(frozen=True)
class Curves:
    """The history of one run, before and now; either may be missing."""

    dataset: str
    run: str
    before: pd.DataFrame | None
    now: pd.DataFrame | None


def check_revision(revision: str) -> None:
    """Refuse a revision that git does not know.

    Raises
    ------
    UserError
        When it is no commit, branch or tag.
    """
    known = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if known is None:
        raise UserError(
            f"git does not know the revision {revision!r}",
            expected="a commit, branch or tag of this clone",
            hint="git fetch, or name another: make diff REV=HEAD~1",
        )


def tables(revision: str, verdicts: Sequence[Verdict]) -> list[Table]:
    """Every table; one without rows says that nothing of its kind changed.

    `verdicts` are those of all claims, moved or not.

    Raises
    ------
    UserError
        When the parameters or results of either side cannot be read.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            parameters = _differing(repo.params.diff(a_rev=revision))
            metrics = _differing(repo.metrics.diff(a_rev=revision))
        return [
            Table("Parameters", ("parameter", revision, NOW), list(_rows(parameters))),
            Table("Metrics", ("run", "metric", revision, NOW, "change"), list(_metric_rows(metrics))),
            Table(
                "Verdicts",
                ("data set", "claim", "statement", revision, NOW),
                [(v.dataset, v.claim, v.statement, v.before, v.now) for v in verdicts if v.moved],
            ),
            Table("Boolean constructions", ("construction", revision, NOW), list(_constructions(revision))),
        ]
    except (DvcException, OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(revision, error) from None


def verdicts(revision: str) -> list[Verdict]:
    """Every claim on every data set, with its verdict on both sides.

    Raises
    ------
    UserError
        When the claims of either side cannot be read.
    """
    found = []
    try:
        for path in _paths(revision, r"runs/[^/]+/claims\.json"):
            before, now = (
                {claim["id"]: claim for claim in json.loads(read(side, path) or "[]")}
                for side in (revision, None)
            )
            for name, claim in {**before, **now}.items():
                then, today = (claims.get(name, {}).get("verdict", ABSENT) for claims in (before, now))
                found.append(Verdict(path.split("/")[1], name, plain(claim["statement"]), then, today))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(revision, error) from None
    return found


def curves(revision: str) -> list[Curves]:
    """The runs whose history differs."""
    import pandas as pd

    def table(text: str | None) -> pd.DataFrame | None:
        return pd.read_csv(io.StringIO(text)) if text else None

    pairs = []
    for path in _paths(revision, r"runs/[^/]+/[^/]+/history\.csv"):
        before, now = read(revision, path), read(None, path)
        if before != now:
            _, dataset, run, _ = path.split("/")
            pairs.append(Curves(dataset, run, table(before), table(now)))
    return pairs


def _unreadable(revision: str, error: Exception) -> UserError:
    return UserError(f"the results of {revision} or of the working tree cannot be read: {error}")


def _differing(found: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """What differs, of DVC's answer, which says of a side that it cannot read that nothing does."""
    for errors in found.get("errors", {}).values():
        for error in errors.values() if isinstance(errors, dict) else [errors]:
            if not isinstance(error, FileNotFoundError):  # a run that was never built
                raise error
    differing: dict[str, dict[str, dict[str, Any]]] = found.get("diff", {})
    return differing


def _rows(by_file: dict[str, dict[str, dict[str, Any]]]) -> Iterator[tuple[str, ...]]:
    for changes in by_file.values():
        for key, change in changes.items():
            yield key, _shown(change.get("old")), _shown(change.get("new"))


def _metric_rows(by_file: dict[str, dict[str, dict[str, Any]]]) -> Iterator[tuple[str, ...]]:
    for path, changes in by_file.items():
        run = "/".join(Path(path).parts[1:-1])
        for key, change in changes.items():
            difference = change.get("diff")
            yield (
                run,
                key,
                _shown(change.get("old")),
                _shown(change.get("new")),
                ABSENT if difference is None else f"{difference:+.5g}",
            )


def _shown(value: Any) -> str:
    return ABSENT if value is None else f"{value:.5g}" if isinstance(value, float) else str(value)


def _constructions(revision: str) -> Iterator[tuple[str, ...]]:
    path = "runs/boolean/verification.json"
    before, now = (
        {
            entry["name"]: _judged(entry)
            for entry in json.loads(read(side, path) or "{}").get("constructions", [])
        }
        for side in (revision, None)
    )
    for name in {**before, **now}:
        if before.get(name) != now.get(name):
            yield name, before.get(name, ABSENT), now.get(name, ABSENT)


def _judged(entry: dict[str, Any]) -> str:
    robust = "robust" if entry["robust"] else "not robust"
    return f"{entry['verdict']}, {robust}, {entry['mismatches']} mismatches"


def plain(text: str) -> str:
    """`text` with its formulas, written in LaTeX between dollar signs, as plain characters."""
    from latex2mathml.converter import convert

    def characters(formula: re.Match[str]) -> str:
        root = ElementTree.fromstring(convert(formula[1]))  # noqa: S314 (made from our own statements)
        return "".join(root.itertext())

    return re.sub(r"\$([^$]+)\$", characters, text)


def _paths(revision: str, pattern: str) -> list[str]:
    """The files under runs/ of either side whose whole path matches."""
    listed = (_git("ls-tree", "-r", "--name-only", "-z", revision, "runs") or "").split("\0")
    here = [path.as_posix() for path in sorted(Path("runs").rglob("*"))]
    return [path for path in dict.fromkeys([*listed, *here]) if re.fullmatch(pattern, path)]


def read(revision: str | None, path: str) -> str | None:
    """The text of a file of a revision, or (for None) of the working tree; None where there is none."""
    if revision is not None:
        return _git("show", f"{revision}:{path}")
    return Path(path).read_text(encoding="utf-8") if Path(path).is_file() else None


def _git(*arguments: str) -> str | None:
    """What git prints; None when it fails."""
    result = subprocess.run(["git", *arguments], capture_output=True, check=False)
    return result.stdout.decode("utf-8", errors="replace") if result.returncode == 0 else None
