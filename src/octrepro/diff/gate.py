"""Whether anything that matters moved since a revision: for people, for scripts and for CI."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from xml.etree import ElementTree

from octrepro.core.errors import printable
from octrepro.diff.changes import Change

# The exit code; 1 is a user's mistake, 2 a wrong command line.
MOVED = 3
NAMED = 3
# What must not move, one and many; each level includes those before it.
LEVELS = {
    "verdicts": ("verdict", "verdicts"),
    "metrics": ("accuracy", "accuracies"),
    "bytes": ("output hash", "output hashes"),
}

# What moved, in words, by level.
Moves = Mapping[str, Sequence[str]]


def moves(
    fail_on: str,
    verdicts: Iterable[Change],
    constructions: Iterable[Change],
    metrics: Iterable[Change],
    hashes: Iterable[Change],
) -> Moves:
    """What moved, of all levels up to `fail_on`. A run that diverged on one side only has moved too."""
    found = {
        "verdicts": [
            *(_move("/".join(each.of[:2]), each) for each in verdicts if each.moved),
            *(_move(f"boolean/{each.of[0]}", each) for each in constructions if each.moved),
        ],
        "metrics": [
            _move(" ".join(each.of), each)
            for each in metrics
            if each.moved and each.of[1].endswith(("_accuracy", "diverged"))
        ],
        "bytes": [each.of[0] for each in hashes if each.moved],
    }
    levels = list(LEVELS)
    return {level: found[level] for level in levels[: levels.index(fail_on) + 1]}


def sentence(moves: Moves, revision: str) -> str:
    """Whether anything moved, and what."""
    moved = {level: entries for level, entries in moves.items() if entries}
    if not moved:
        return f"No {_listed([LEVELS[level][0] for level in moves], 'or')} moved since {revision}."
    parts = []
    for level, entries in moved.items():
        more = [f"{len(entries) - NAMED} more"] if len(entries) > NAMED else []
        named = "; ".join([*entries[:NAMED], *more])
        parts.append(f"{len(entries)} {LEVELS[level][len(entries) > 1]} ({named})")
    return " ".join(printable(f"Moved since {revision}: {_listed(parts, 'and')}.").split())


def junit(verdicts: Sequence[Change], revision: str) -> bytes:
    """JUnit's XML: a test case for each claim and data set, failed when its verdict moved."""
    root = ElementTree.Element("testsuites", name="claims")
    for dataset, group in groupby(verdicts, lambda verdict: printable(verdict.of[0])):
        cases = list(group)
        counts = {"tests": str(len(cases)), "failures": str(sum(case.moved for case in cases))}
        suite = ElementTree.SubElement(root, "testsuite", {"name": dataset, **counts})
        for case in cases:
            _, claim, statement, before, now = map(printable, case.row)
            name = {"classname": f"claims.{dataset}", "name": claim}
            element = ElementTree.SubElement(suite, "testcase", name)
            if case.moved:
                message = f"{printable(revision)}: {before}; now: {now}"
                ElementTree.SubElement(element, "failure", message=message).text = statement
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def workflow_commands(moves: Moves) -> list[str]:
    """A workflow command of GitHub for each verdict that moved, to show beside a pull request."""
    escaped = (
        entry.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A") for entry in moves["verdicts"]
    )
    return [f"::error title=Verdict moved::{printable(entry)}" for entry in escaped]


def _move(name: str, change: Change) -> str:
    before, now = change.row[-2:]
    return f"{name}: {before} → {now}"


def _listed(parts: Sequence[str], conjunction: str) -> str:
    return f" {conjunction} ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
