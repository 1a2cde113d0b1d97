"""Whether anything that matters moved since a revision: for people, for scripts and for CI."""

from collections.abc import Mapping, Sequence
from itertools import islice
from xml.etree import ElementTree

from octrepro.core.errors import printable
from octrepro.diff.changes import Change

# The exit code; 1 is a user's mistake, 2 a wrong command line.
MOVED = 3
NAMED = 3
# What must not move; each level includes those before it.
LEVELS = ("verdicts", "metrics", "bytes")

# What moved, in words, by what it is, the most important first.
Moves = Mapping[str, Sequence[str]]


def moves(fail_on: str, moved: Mapping[str, Sequence[Change]]) -> Moves:
    """What moved, of all levels up to `fail_on`. A run that diverged on one side only has moved too."""
    found = {
        "verdicts": [_move("/".join(each.of[:2]), each) for each in moved["verdicts"]],
        "accuracies": [
            _move(" ".join(each.of), each)
            for each in moved["metrics"]
            if each.of[1].endswith(("_accuracy", "diverged"))
        ],
        "output hashes": [each.of[0] for each in moved["hashes"]],
    }
    return dict(islice(found.items(), LEVELS.index(fail_on) + 1))


def sentence(moves: Moves, revision: str) -> str:
    """Whether anything moved, and what."""
    told = []
    for kind, entries in moves.items():
        more = [f"{len(entries) - NAMED} more"] if len(entries) > NAMED else []
        if entries:
            told.append(f"{kind} ({'; '.join([*entries[:NAMED], *more])})")
    said = (
        f"Moved since {revision}: {', '.join(told)}."
        if told
        else f"No {' or '.join(moves)} moved since {revision}."
    )
    return " ".join(printable(said).split())


def junit(verdicts: Sequence[Change], revision: str) -> bytes:
    """JUnit's XML: a test case for each claim and data set, failed when its verdict moved."""
    counts = {"tests": str(len(verdicts)), "failures": str(sum(each.moved for each in verdicts))}
    suite = ElementTree.Element("testsuite", {"name": "claims", **counts})
    for each in verdicts:
        dataset, claim, statement, before, now = map(printable, each.row)
        case = ElementTree.SubElement(suite, "testcase", {"classname": f"claims.{dataset}", "name": claim})
        if each.moved:
            message = f"{printable(revision)}: {before}; now: {now}"
            ElementTree.SubElement(case, "failure", message=message).text = statement
    ElementTree.indent(suite)
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)) + b"\n"


def workflow_commands(moves: Moves) -> list[str]:
    """A workflow command of GitHub for each verdict that moved, to show beside a pull request."""
    escaped = (
        entry.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A") for entry in moves["verdicts"]
    )
    return [f"::error title=Verdict moved::{printable(entry)}" for entry in escaped]


def _move(name: str, change: Change) -> str:
    before, now = change.row[-2:]
    return f"{name}: {before} → {now}"
