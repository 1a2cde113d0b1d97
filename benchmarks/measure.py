"""Measuring baseline and product side by side, and what follows from the times."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from octrepro.config.experiments import Feedforward, TorchLogisticRegression
from octrepro.config.schema import Params
from octrepro.core import UserError
from octrepro.core.numerics import ONE_THREAD

FOLDER = "bench"
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Measurement:
    """One run at one size; times in seconds per epoch, memory in MiB.

    Attributes
    ----------
    run, size
        Key of params.yaml; fraction of OCTMNIST, such as ``1/16``.
    baseline_seconds
        Wall time of the plain loop, alone on the machine, libraries as they come.
    product_seconds
        Wall time of the product divided by `processes`, which run side by side on one thread each.
    ratio
        Baseline by product.
    share_of_peak
        Multiply-adds per second by those of a large matrix product of the same type, done in the fastest way
        at hand, in as many processes.
    peak_mib, baseline_peak_mib
        Largest resident memory of one process, libraries included.
    processes
        How many ran side by side.
    multiply_adds
        Of the linear layers in one epoch, evaluation as the protocol asks for it included.
    """

    run: str
    size: str
    baseline_seconds: float
    product_seconds: float
    ratio: float
    share_of_peak: float
    peak_mib: float
    baseline_peak_mib: float
    processes: int
    multiply_adds: int


class Bench:
    """Runs workers on the data in ``data/prepared/bench`` of `folder`.

    `processes` trainings with automatic differentiation run side by side; models from scratch run alone.
    """

    def __init__(self, folder: Path, params: Params, processes: int) -> None:
        self._folder = folder
        self._params = params
        self._processes = processes
        self._peaks: dict[tuple[str, int], float] = {}

    def measure(self, run: str, size: Fraction) -> Measurement:
        """Measure one run, baseline first."""
        experiment = self._params.experiments[run]
        differentiated = isinstance(experiment, TorchLogisticRegression | Feedforward)
        processes = self._processes if differentiated else 1
        task = {"run": run, "folder": FOLDER, "params": self._params.model_dump()}
        # A first epoch warms libraries up, which is much of a small one and little of a large one.
        (baseline,) = self._work("baseline", {**task, "epochs": 1 if size > Fraction(1, 4) else 2}, 1)
        products = self._work("product", {**task, "epochs": 3}, processes)
        seconds = sum(product["seconds"] for product in products) / processes
        work = int(products[0]["multiply_adds"])
        peak = self.peak("float32" if differentiated else "float64", processes)
        return Measurement(
            run=run,
            size=str(size),
            baseline_seconds=baseline["seconds"],
            product_seconds=seconds / processes,
            ratio=baseline["seconds"] * processes / seconds,
            share_of_peak=work / seconds / peak,
            peak_mib=max(product["peak_mib"] for product in products),
            baseline_peak_mib=baseline["peak_mib"],
            processes=processes,
            multiply_adds=work,
        )

    def peak(self, dtype: str, processes: int) -> float:
        """Multiply-adds per second and process of a large product, `processes` of them side by side."""
        key = (dtype, processes)
        if key not in self._peaks:
            answers = self._work("peak", {"dtype": dtype}, processes, ONE_THREAD)
            self._peaks[key] = sum(answer["multiply_adds_per_second"] for answer in answers) / processes
        return self._peaks[key]

    def _work(
        self, way: str, task: dict[str, Any], processes: int, environment: dict[str, str] | None = None
    ) -> list[dict[str, float]]:
        places = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.worker", way, json.dumps(task)],
                cwd=self._folder,
                env={**os.environ, **(environment or {}), "PYTHONPATH": places},
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(processes)
        ]
        outputs = [worker.communicate()[0] for worker in workers]
        if any(worker.returncode for worker in workers):
            raise UserError(f"the {way} could not be measured", hint="the message above says why")
        return [json.loads(output) for output in outputs]


def distinct_runs(params: Params) -> dict[str, list[str]]:
    """Runs of equal cost per epoch, by the first of them: they differ in epochs and learning rate only."""
    groups: dict[str, list[str]] = {}
    for run, experiment in params.experiments.items():
        same = experiment.model_dump(exclude={"epochs", "learning_rate"})
        groups.setdefault(json.dumps(same), []).append(run)
    return {runs[0]: runs for runs in groups.values()}


def slope(measurements: Sequence[Measurement]) -> float:
    """Exponent of the product's cost in the number of images, by least squares on log-log axes."""
    import numpy as np

    sizes = [float(Fraction(measurement.size)) for measurement in measurements]
    seconds = [measurement.product_seconds for measurement in measurements]
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
