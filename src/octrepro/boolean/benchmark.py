"""How the time of the exhaustive comparison grows with D: `python -m octrepro.boolean.benchmark`.

For each D every A <= B and every x is evaluated, as the stage does, on one construction. Lone times say
little on a shared machine, so what counts are the ratios: how much longer than for D - 1, beside how many
more evaluations.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from octrepro.boolean.enumeration import compare
from octrepro.boolean.networks import Network, intervals

__all__ = ["Measurement", "measure", "table"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One D: how much was evaluated, how long it took in seconds, the process's peak memory in MiB."""

    dimension: int
    evaluated: int
    mismatches: int
    seconds: float
    peak_memory: float


def corrected_relu(dimension: int, A: int, B: int) -> Network:
    """A network that computes f, so that every vertex must be looked at to say so."""
    rows = ((-10,) * dimension, (10,) * dimension)
    return Network("relu", rows, (10 * A - 1, -10 * B - 1), (-1, -1), 0)


def measure(dimension: int, threads: int) -> Measurement:
    """Evaluate every x for every A <= B in this many dimensions."""

    def one(interval: tuple[int, int]) -> tuple[int, int]:
        count = compare(corrected_relu(dimension, *interval), *interval)
        return count.evaluated, count.mismatches

    start = time.perf_counter()
    # NumPy lets other threads run while it works on a block, so threads share the tables and use every core.
    with ThreadPoolExecutor(threads) as pool:
        evaluated, mismatches = (
            sum(column) for column in zip(*pool.map(one, intervals(dimension)), strict=True)
        )
    seconds = time.perf_counter() - start
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return Measurement(dimension, evaluated, mismatches, seconds, kilobytes / scale)


def table(measurements: Iterable[Measurement]) -> Iterator[str]:
    """The measurements as lines of text, each with its ratios to the one before."""
    yield " D    evaluations  seconds  ns each  evaluations x  time x  peak MiB"
    before: Measurement | None = None
    for each in measurements:
        nanoseconds = 1e9 * each.seconds / each.evaluated
        line = f"{each.dimension:2} {each.evaluated:14,} {each.seconds:8.3f} {nanoseconds:8.1f}"
        if before:
            line += f"{each.evaluated / before.evaluated:15.2f} {each.seconds / before.seconds:7.2f}"
        else:
            line += " " * 23
        yield f"{line} {each.peak_memory:9.0f}"
        before = each


def main() -> None:
    """Measure from D = 8 up to the D that was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--largest", type=int, default=20, metavar="D", choices=range(1, 25))
    parser.add_argument("--threads", type=int, default=2, choices=range(1, 65), metavar="N")
    wanted = parser.parse_args()
    dimensions = range(min(8, wanted.largest), wanted.largest + 1)
    for line in table(measure(dimension, wanted.threads) for dimension in dimensions):
        print(line, flush=True)


if __name__ == "__main__":
    main()
