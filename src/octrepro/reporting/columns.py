"""Columns of the report's tables: a heading, and the function that makes its cell from a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from octrepro.reporting import numbers
from octrepro.reporting.content import Cell, Column, Kind, Table

Row = Mapping[str, Any]
Field = tuple[Column, Callable[[Any], Cell]]


def table(name: str, rows: Iterable[Any], *fields: Field) -> Table:
    cells = tuple(tuple(cell(row) for _, cell in fields) for row in rows)
    return Table(name, "", tuple(column for column, _ in fields), cells)


def field(title: str, cell: Callable[[Any], Cell], kind: Kind = "text", *, wide: bool = False) -> Field:
    return Column(title, kind, wide), cell


def number(title: str, cell: Callable[[Any], Cell]) -> Field:
    return field(title, cell, "number")


def count(value: int) -> Cell:
    return Cell(numbers.count(value), value)


def run(row: Row) -> Cell:
    return Cell(row["run"], note=f"diverged in epoch {row['diverged_epoch']}" if row["diverged"] else "")


def accuracy(row: Row, split: str, *, interval: bool = False, counted: bool = False) -> Cell:
    share = row[split]
    images = f"{numbers.count(share['correct'])} of {numbers.count(share['total'])}; " if counted else ""
    note = f"{images}{numbers.interval(share)}" if interval else ""
    return Cell(numbers.rate(share["accuracy"]), share["accuracy"], note)


def share(share: Any, digits: int = 4, interval: bool = True) -> Cell:
    return measure(share and {"value": share["accuracy"], **share}, digits, interval)


def measure(found: Any, digits: int = 4, interval: bool = True) -> Cell:
    """A number between 0 and 1, with its interval below where it has one."""
    if found is None:
        return Cell("–", "")
    note = numbers.interval(found, min(digits, 3)) if interval and found["low"] is not None else ""
    return Cell(f"{found['value']:.{digits}f}", found["value"], note)
