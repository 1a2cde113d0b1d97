"""Measuring baseline and product side by side, and what follows from the times."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.data import CLASSES, FEATURES, OCTMNIST
from octrepro.config import Experiment, Feedforward, Mlp, Params, TorchLogisticRegression
from octrepro.core import UserError
from octrepro.core.numerics import ONE_THREAD

FOLDER = "bench"


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
        Of the linear layers in one epoch, evaluation included.
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
    """Runs workers on one folder of data.

    Parameters
    ----------
    folder
        Where ``data/prepared/bench`` lies.
    params
        The parameters whose runs are measured.
    processes
        How many trainings with automatic differentiation run side by side; models from scratch run alone.
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
        work = epoch_multiply_adds(experiment, size)
        peak = self.peak("float32" if differentiated else "float64", processes)
        return Measurement(
            run,
            str(size),
            baseline["seconds"],
            seconds / processes,
            baseline["seconds"] * processes / seconds,
            work / seconds / peak,
            max(product["peak_mib"] for product in products),
            baseline["peak_mib"],
            processes,
            work,
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
        command = [sys.executable, "-m", "benchmarks.worker", way]
        root = Path(__file__).resolve().parents[1]
        places = os.pathsep.join([str(root / "src"), str(root)])
        variables = {**os.environ, **(environment or {}), "PYTHONPATH": places}
        workers = [
            subprocess.Popen(
                [*command, json.dumps(task)],
                cwd=self._folder,
                env=variables,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(processes)
        ]
        return [_answer(worker, way) for worker in workers]


def _answer(worker: subprocess.Popen[str], way: str) -> dict[str, float]:
    output, _ = worker.communicate()
    if worker.returncode != 0:
        raise UserError(f"the {way} could not be measured", hint="the message above says why")
    answer: dict[str, float] = json.loads(output)
    return answer


def epoch_multiply_adds(experiment: Experiment, size: Fraction) -> int:
    """Multiply-adds of the linear layers in one epoch: training, and evaluation as the protocol asks for it.

    Every sample passes forward, to the gradient of each weight, and, but for the first layer, to the gradient
    of each input. Models from scratch are evaluated on the training set as well as on the validation set. Of
    the perceptron, whose updates depend on its mistakes, only the scores are counted.
    """
    sizes = [FEATURES, *_hidden_sizes(experiment), CLASSES]
    products = [inputs * outputs for inputs, outputs in pairwise(sizes)]
    forward = sum(products)
    step = forward if experiment.model == "perceptron" else 3 * forward - products[0]
    train, val = (round(OCTMNIST[split] * size) for split in ("train", "val"))
    evaluated = val if isinstance(experiment, TorchLogisticRegression | Feedforward) else train + val
    return train * step + evaluated * forward


def _hidden_sizes(experiment: Experiment) -> list[int]:
    if isinstance(experiment, Mlp):
        return [experiment.hidden_size]
    if isinstance(experiment, Feedforward):
        return [experiment.hidden_size] * experiment.hidden_layers
    return []


def distinct_runs(params: Params) -> dict[str, list[str]]:
    """Runs of equal cost per epoch, by the first of them: they differ in epochs and learning rate only."""
    groups: dict[str, list[str]] = {}
    firsts: dict[str, str] = {}
    for run, experiment in params.experiments.items():
        same = {key: value for key, value in experiment.model_dump().items() if key not in _FREE}
        first = firsts.setdefault(json.dumps(same), run)
        groups.setdefault(first, []).append(run)
    return groups


_FREE = {"epochs", "learning_rate"}


def slope(measurements: Sequence[Measurement]) -> float:
    """Exponent of the product's cost in the number of images, by least squares on log-log axes.

    NaN for fewer than two sizes.
    """
    points = [(math.log(float(Fraction(m.size))), math.log(m.product_seconds)) for m in measurements]
    if len({x for x, _ in points}) < 2:
        return math.nan
    center = sum(x for x, _ in points) / len(points)
    middle = sum(y for _, y in points) / len(points)
    across = sum((x - center) * (y - middle) for x, y in points)
    return across / sum((x - center) ** 2 for x, _ in points)


def as_json(measurements: Sequence[Measurement]) -> list[dict[str, Any]]:
    """The measurements as build/bench.json holds them."""
    return [asdict(measurement) for measurement in measurements]
