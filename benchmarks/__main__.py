"""``python -m benchmarks``: the product's speed beside the plain loops'."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from benchmarks.data import write_data
from benchmarks.measure import FOLDER, Bench, Measurement, distinct_runs, slope
from octrepro.config.loading import load_params
from octrepro.config.schema import Params
from octrepro.core import UserError
from octrepro.core.files import write_json

FULL = (Fraction(1, 16), Fraction(1, 4), Fraction(1))


def main() -> None:
    """Measure, print a table and write it as JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "--size",
        default="1/16",
        help="fraction of OCTMNIST's 97,477 training images, or 'full' for 1/16, 1/4 and 1 (default: 1/16)",
    )
    parser.add_argument("--runs", nargs="*", help="runs of params.yaml (default: one of each cost)")
    parser.add_argument("--processes", type=int, default=2, help="PyTorch runs side by side (default: 2)")
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"))
    arguments = parser.parse_args()
    try:
        measurements = _measure(_sizes(arguments.size), arguments.runs, arguments.processes)
    except UserError as error:
        print(f"\nbench: {error}\n", file=sys.stderr)
        sys.exit(1)
    write_json(arguments.output, [asdict(measurement) for measurement in measurements])
    print(f"\nwritten to {arguments.output}")


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


def _measure(sizes: Sequence[Fraction], runs: list[str] | None, processes: int) -> list[Measurement]:
    params = load_params()
    groups = distinct_runs(params)
    chosen = runs or list(groups)
    unknown = [run for run in chosen if run not in params.experiments]
    if unknown or processes < 1:
        raise UserError(
            f"cannot measure {unknown or processes}", expected=f"runs among {', '.join(params.experiments)}"
        )
    measurements: list[Measurement] = []
    print(
        f"{'run':26} {'size':>5} {'baseline':>10} {'product':>10} {'ratio':>7} {'of peak':>8}"
        f" {'MiB':>6} {'baseline MiB':>13} {'side by side':>13}",
        flush=True,
    )
    for fraction in sizes:
        with tempfile.TemporaryDirectory() as name:
            write_data(Path(name) / "data" / "prepared" / FOLDER, fraction)
            bench = Bench(Path(name), params, processes)
            for run in chosen:
                m = bench.measure(run, fraction)
                measurements.append(m)
                print(
                    f"{m.run:26} {m.size:>5} {m.baseline_seconds:>9.3f}s {m.product_seconds:>9.3f}s"
                    f" {m.ratio:>7.1f} {m.share_of_peak:>8.0%} {m.peak_mib:>6.0f}"
                    f" {m.baseline_peak_mib:>13.0f} {m.processes:>13}",
                    flush=True,
                )
            peak = bench.peak("float32", processes)
    for line in _summary(measurements, params, groups, peak * processes):
        print(line)
    return measurements


def _summary(
    measurements: Sequence[Measurement], params: Params, groups: Mapping[str, Sequence[str]], peak: float
) -> Iterator[str]:
    """How cost grows with size, and what all runs of params.yaml come to at the largest size measured.

    `groups` are the runs of equal cost per epoch, by the one measured; `peak` is the machine's speed of large
    float32 products, in multiply-adds per second.
    """
    ordered = sorted(measurements, key=lambda measurement: measurement.run)
    by_run = {run: list(entries) for run, entries in groupby(ordered, lambda measurement: measurement.run)}
    if any(len(entries) > 1 for entries in by_run.values()):
        yield "\ncost grows with the number of images to the power of"
        yield from (f"  {run:26} {slope(entries):.2f}" for run, entries in by_run.items())
    if not set(groups) <= set(by_run):
        return
    baseline = product = limit = 0.0
    processes = max(measurement.processes for measurement in measurements)
    for measured, runs in groups.items():
        last = by_run[measured][-1]
        epochs = sum(params.experiments[run].epochs for run in runs)
        baseline += epochs * last.baseline_seconds
        # Models from scratch were measured alone, but in a build another run takes the other processor.
        product += epochs * last.product_seconds * last.processes / processes
        limit += epochs * last.multiply_adds / peak
    yield (
        f"\nall {len(params.experiments)} runs: baseline {baseline:.0f} s, product {product:.0f} s "
        f"({baseline / product:.1f} times faster), arithmetic at this machine's float32 matrix-product speed "
        f"{limit:.0f} s (product takes {product / limit:.2f} times that)"
    )


if __name__ == "__main__":
    main()
