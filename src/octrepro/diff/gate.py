"""Whether anything that matters moved since a revision: for people, for scripts and for CI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from xml.etree import ElementTree

from octrepro.core.errors import printable
from octrepro.diff.changes import Table, Verdict, read
from octrepro.pipeline.promises import drifts, outputs, read_stages

# 1 is a user's mistake, 2 a wrong command line.
MOVED = 3
NAMED = 3
_ONE_AND_MANY = {
    "verdicts": ("verdict", "verdicts"),
    "metrics": ("accuracy", "accuracies"),
    "bytes": ("output hash", "output hashes"),
}

# What moved, in words, by kind.
Moves = Mapping[str, Sequence[str]]


class FailOn(StrEnum):
    """What must not move; each level includes those before it."""

    VERDICTS = "verdicts"
    METRICS = "metrics"
    BYTES = "bytes"


def moves(fail_on: FailOn, revision: str, tables: Sequence[Table]) -> Moves:
    """What moved since `revision`, of the kinds that `fail_on` includes.

    Verdicts are those on claims and on Boolean constructions; accuracies include whether a run diverged;
    hashes are those of all outputs in dvc.lock.

    Raises
    ------
    UserError
        When a dvc.lock cannot be read.
    """
    rows = {table.title: table.rows for table in tables}
    found = {
        "verdicts": [
            *(f"{dataset}/{claim}: {then} → {now}" for dataset, claim, _, then, now in rows["Verdicts"]),
            *(f"boolean/{name}: {then} → {now}" for name, then, now in rows["Boolean constructions"]),
        ]
    }
    if fail_on is not FailOn.VERDICTS:
        found["metrics"] = [
            f"{run} {metric}: {then} → {now}"
            for run, metric, then, now, _ in rows["Metrics"]
            if metric.endswith("_accuracy") or metric == "diverged"
        ]
    if fail_on is FailOn.BYTES:
        then, now = (
            outputs(read_stages(read(side, "dvc.lock") or "stages: {}", f"dvc.lock of {side or 'now'}"))
            for side in (revision, None)
        )
        found["bytes"] = [drift.output for drift in drifts(then, now)]
    return found


def sentence(moves: Moves, revision: str) -> str:
    """Whether anything moved, and what."""
    moved = {kind: entries for kind, entries in moves.items() if entries}
    if not moved:
        return f"No {_listed([_ONE_AND_MANY[kind][0] for kind in moves], 'or')} moved since {revision}."
    parts = []
    for kind, entries in moved.items():
        more = [f"{len(entries) - NAMED} more"] if len(entries) > NAMED else []
        named = "; ".join([*entries[:NAMED], *more])
        parts.append(f"{len(entries)} {_ONE_AND_MANY[kind][len(entries) > 1]} ({named})")
    return " ".join(printable(f"Moved since {revision}: {_listed(parts, 'and')}.").split())


def junit(verdicts: Sequence[Verdict], revision: str) -> bytes:
    """JUnit's XML: a test case for each claim and data set, failed when its verdict moved."""
    root = ElementTree.Element("testsuites", name="claims")
    for dataset, group in groupby(verdicts, lambda verdict: printable(verdict.dataset)):
        cases = list(group)
        failures = sum(case.moved for case in cases)
        counts = {"tests": str(len(cases)), "failures": str(failures)}
        suite = ElementTree.SubElement(root, "testsuite", {"name": dataset, **counts})
        for case in cases:
            name = {"classname": f"claims.{dataset}", "name": printable(case.claim)}
            element = ElementTree.SubElement(suite, "testcase", name)
            if case.moved:
                message = printable(f"{revision}: {case.before}; now: {case.now}")
                failure = ElementTree.SubElement(element, "failure", message=message)
                failure.text = printable(case.statement)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def workflow_commands(moves: Moves) -> list[str]:
    """A workflow command of GitHub for each verdict that moved, to show beside a pull request."""
    escaped = (
        entry.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A") for entry in moves["verdicts"]
    )
    return [f"::error title=Verdict moved::{printable(entry)}" for entry in escaped]


def _listed(parts: Sequence[str], conjunction: str) -> str:
    return f" {conjunction} ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
