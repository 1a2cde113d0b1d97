"""The benchmark's results as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from benchmarks.measure import Measurement, epoch_multiply_adds, slope
from octrepro.config import Params

HEADING = (
    f"{'run':26} {'size':>5} {'baseline':>10} {'product':>10} {'ratio':>7} {'of peak':>8}"
    f" {'MiB':>6} {'baseline MiB':>13} {'side by side':>13}"
)


def row(measurement: Measurement) -> str:
    """One line: seconds per epoch, their ratio, share of the matrix-product speed, peak memory."""
    return (
        f"{measurement.run:26} {measurement.size:>5} {measurement.baseline_seconds:>9.3f}s"
        f" {measurement.product_seconds:>9.3f}s {measurement.ratio:>7.1f} {measurement.share_of_peak:>8.0%}"
        f" {measurement.peak_mib:>6.0f} {measurement.baseline_peak_mib:>13.0f} {measurement.processes:>13}"
    )


def summary(
    measurements: Sequence[Measurement],
    params: Params,
    groups: Mapping[str, Sequence[str]],
    peak: float,
    processes: int,
) -> Iterator[str]:
    """How cost grows with size, and what all runs of params.yaml come to at the largest size measured.

    Parameters
    ----------
    measurements
        All that were made.
    params
        Whose runs are summed.
    groups
        Runs of equal cost per epoch, by the one measured.
    peak
        Multiply-adds per second and process of a large float32 product.
    processes
        How many trainings run side by side.
    """
    by_run: dict[str, list[Measurement]] = {}
    for measurement in measurements:
        by_run.setdefault(measurement.run, []).append(measurement)
    slopes = {run: slope(entries) for run, entries in by_run.items() if len(entries) > 1}
    if slopes:
        yield "\ncost grows with the number of images to the power of"
        yield from (f"  {run:26} {value:.2f}" for run, value in slopes.items())
    if not set(groups) <= set(by_run):
        return
    baseline = product = limit = 0.0
    for measured, runs in groups.items():
        last = by_run[measured][-1]
        epochs = sum(params.experiments[run].epochs for run in runs)
        baseline += epochs * last.baseline_seconds
        # Models from scratch were measured alone, but in a build another run takes the other processor.
        product += epochs * last.product_seconds * last.processes / processes
        work = epoch_multiply_adds(params.experiments[measured], Fraction(last.size))
        limit += epochs * work / (peak * processes)
    yield (
        f"\nall {len(params.experiments)} runs: baseline {baseline:.0f} s, product {product:.0f} s "
        f"({baseline / product:.1f} times faster), arithmetic at this machine's float32 matrix-product speed "
        f"{limit:.0f} s (product takes {product / limit:.2f} times that)"
    )
