"""``python -m benchmarks``: the product's speed beside the plain loops'."""

from __future__ import annotations

import argparse
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

from benchmarks import table
from benchmarks.data import write_data
from benchmarks.measure import FOLDER, Bench, Measurement, as_json, distinct_runs
from octrepro.config import load_params
from octrepro.core import UserError
from octrepro.core.files import write_json

FULL = (Fraction(1, 16), Fraction(1, 4), Fraction(1))


def main() -> None:
    """Measure, print a table and write it as JSON."""
    arguments = _arguments()
    try:
        measurements = _measure(arguments.size, arguments.runs, arguments.processes)
    except UserError as error:
        print(f"\nbench: {error}\n", file=sys.stderr)
        sys.exit(1)
    write_json(arguments.output, as_json(measurements))
    print(f"\nwritten to {arguments.output}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "--size",
        default="1/16",
        help="fraction of OCTMNIST's 97,477 training images, or 'full' for 1/16, 1/4 and 1 (default: 1/16)",
    )
    parser.add_argument("--runs", nargs="*", help="runs of params.yaml (default: one of each cost)")
    parser.add_argument("--processes", type=int, default=2, help="PyTorch runs side by side (default: 2)")
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"))
    return parser.parse_args()


def _measure(size: str, runs: list[str] | None, processes: int) -> list[Measurement]:
    params = load_params()
    groups = distinct_runs(params)
    chosen = runs or list(groups)
    unknown = [run for run in chosen if run not in params.experiments]
    if unknown or processes < 1:
        raise UserError(
            f"cannot measure {unknown or processes}", expected=f"runs among {', '.join(params.experiments)}"
        )
    measurements: list[Measurement] = []
    print(table.HEADING, flush=True)
    for fraction in _sizes(size):
        with tempfile.TemporaryDirectory() as name:
            write_data(Path(name) / "data" / "prepared" / FOLDER, fraction)
            bench = Bench(Path(name), params, processes)
            for run in chosen:
                measurements.append(bench.measure(run, fraction))
                print(table.row(measurements[-1]), flush=True)
            peak = bench.peak("float32", processes)
    for line in table.summary(measurements, params, groups, peak, processes):
        print(line)
    return measurements


def _sizes(size: str) -> tuple[Fraction, ...]:
    if size == "full":
        return FULL
    try:
        fraction = Fraction(size)
    except (ValueError, ZeroDivisionError):
        fraction = Fraction(0)
    if not 0 < fraction <= 1:
        raise UserError(f"size {size!r} is not allowed", expected="'full' or a fraction such as 1/16")
    return (fraction,)


if __name__ == "__main__":
    main()
