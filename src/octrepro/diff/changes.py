"""The differences between two snapshots, as tables and curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from octrepro.diff.snapshot import History, Snapshot

ABSENT = "—"


@dataclass(frozen=True)
class Table:
    """Rows of plain text under a title."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True)
class Curves:
    """The history of one run in both revisions; either may be missing."""

    dataset: str
    run: str
    old: History | None
    new: History | None


def tables(old: Snapshot, new: Snapshot) -> list[Table]:
    """Every table; one without rows says that nothing of its kind changed."""
    return [
        Table("Parameters", ("parameter", old.name, new.name), list(_params(old, new))),
        Table(
            "Accuracies",
            ("data set", "run", f"validation, {old.name}", "now", f"test, {old.name}", "now", "test images"),
            list(_accuracies(old, new)),
        ),
        Table("Verdicts", ("data set", "claim", "statement", old.name, new.name), list(_verdicts(old, new))),
        Table("Boolean constructions", ("construction", old.name, new.name), list(_constructions(old, new))),
    ]


def curves(old: Snapshot, new: Snapshot) -> list[Curves]:
    """The runs whose history differs."""
    keys = list(dict.fromkeys([*old.histories, *new.histories]))
    pairs = [Curves(*key, old.histories.get(key), new.histories.get(key)) for key in keys]
    # NaN differs from itself, so histories are compared as text.
    return [pair for pair in pairs if repr(pair.old) != repr(pair.new)]


def flat(content: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, keys joined by dots."""
    if not isinstance(content, Mapping) or not content:
        return {prefix: content}
    return {
        name: value
        for key, item in content.items()
        for name, value in flat(item, f"{prefix}.{key}" if prefix else str(key)).items()
    }


def _params(old: Snapshot, new: Snapshot) -> Iterator[tuple[str, ...]]:
    before, after = flat(old.params), flat(new.params)
    for key in dict.fromkeys([*before, *after]):
        if before.get(key, ABSENT) != after.get(key, ABSENT):
            yield key, str(before.get(key, ABSENT)), str(after.get(key, ABSENT))


def _accuracies(old: Snapshot, new: Snapshot) -> Iterator[tuple[str, ...]]:
    for key in dict.fromkeys([*old.metrics, *new.metrics]):
        before, after = old.metrics.get(key), new.metrics.get(key)
        if before != after:
            yield (
                *key,
                _accuracy(before, "val"),
                _accuracy(after, "val"),
                _accuracy(before, "test"),
                _accuracy(after, "test"),
                _difference(before, after),
            )


def _accuracy(metrics: Mapping[str, Any] | None, split: str) -> str:
    if metrics is None:
        return ABSENT
    note = " (diverged)" if metrics["diverged"] else ""
    return f"{metrics[f'{split}_accuracy']:.4f}{note}"


def _difference(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    if before is None or after is None or before["test_total"] != after["test_total"]:
        return ABSENT
    return f"{after['test_correct'] - before['test_correct']:+d} of {after['test_total']}"


def _verdicts(old: Snapshot, new: Snapshot) -> Iterator[tuple[str, ...]]:
    for key in dict.fromkeys([*old.claims, *new.claims]):
        before, after = old.claims.get(key, {}), new.claims.get(key, {})
        if before.get("verdict") != after.get("verdict"):
            statement = (after or before)["statement"]
            yield *key, statement, before.get("verdict", ABSENT), after.get("verdict", ABSENT)


def _constructions(old: Snapshot, new: Snapshot) -> Iterator[tuple[str, ...]]:
    for name in dict.fromkeys([*old.constructions, *new.constructions]):
        before, after = _judged(old.constructions.get(name)), _judged(new.constructions.get(name))
        if before != after:
            yield name, before, after


def _judged(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return ABSENT
    robust = "robust" if entry["robust"] else "not robust"
    return f"{entry['verdict']}, {robust}, {entry['mismatches']} mismatches"
