"""The numbers in two versions of an output, side by side, and whether they are close."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

# On a processor outside the promise of equal bits, sums are rounded in another order, and such differences
# grow while a network trains. With the kernels of processors without AVX2 the largest change of a validation
# or test accuracy seen on the phantom was 0.014; most runs kept theirs to the image.
ACCURACY_TOLERANCE = 0.05


def text(path: Path) -> str:
    """A file's content; nothing for one that is missing, a folder or not text."""
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except UnicodeDecodeError:
        return ""


def changes(before: str, after: str, name: str) -> Iterator[str]:
    """What differs between two versions of the JSON mapping or CSV table `name`, one line each."""
    if name.endswith(".csv"):
        yield from _changed_rows(before, after)
    elif name.endswith(".json"):
        yield from _changed_values(before, after)


def beyond_tolerance(before: str, after: str) -> list[str]:
    """The accuracies of two metrics.json that differ by more than ACCURACY_TOLERANCE, one line each.

    A run that diverged in one version and not in the other differs too.
    """
    old, new = _mapping(before), _mapping(after)
    wrong = [
        f"{key}: expected {value}, found {new.get(key)}"
        for key, value in old.items()
        if key.endswith("_accuracy") and not _close(value, new.get(key))
    ]
    if old.get("diverged") != new.get("diverged"):
        wrong.append(f"diverged: expected {old.get('diverged')}, found {new.get('diverged')}")
    return wrong


def _close(first: Any, second: Any) -> bool:
    if first is None or second is None:
        return first is second
    return abs(float(first) - float(second)) <= ACCURACY_TOLERANCE


def _changed_values(before: str, after: str) -> Iterator[str]:
    old, new = _mapping(before), _mapping(after)
    for key in {**old, **new}:
        if old.get(key) != new.get(key):
            yield f"{key}: expected {old.get(key)}, found {new.get(key)}"


def _changed_rows(before: str, after: str) -> Iterator[str]:
    """The first row that differs: later ones mostly follow from it."""
    old, new = (list(csv.DictReader(io.StringIO(content))) for content in (before, after))
    nothing: dict[str, str] = {}
    for number, (then, now) in enumerate(zip_longest(old, new, fillvalue=nothing), start=1):
        keys = [key for key in {**then, **now} if then.get(key) != now.get(key)]
        if keys:
            for key in keys:
                yield f"row {number}, {key}: expected {then.get(key)}, found {now.get(key)}"
            return


def _mapping(content: str) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
