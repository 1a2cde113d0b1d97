"""The benchmark counts what it claims to count."""

from __future__ import annotations

from octrepro.boolean.benchmark import measure, table
from tests.boolean.oracle import ranges


def test_it_evaluates_every_case() -> None:
    for D in (1, 4, 7):
        measurement = measure(D, threads=2)
        assert measurement.evaluated == 2**D * sum(case[0] == D for case in ranges(D))
        assert measurement.mismatches == 0


def test_the_table_shows_ratios() -> None:
    lines = list(table([measure(3, threads=1), measure(4, threads=1)]))
    assert lines[1].split()[:2] == ["3", "224"]
    assert lines[2].split()[4] == f"{45 * 16 / (28 * 8):.2f}"
