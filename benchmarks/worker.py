"""One measurement in a process of its own: ``python -m benchmarks.worker WAY TASK``.

A process has its own environment (threads, kernels) and its own peak of memory.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from octrepro.config import Params, parse_params
from octrepro.core import UserError, numerics


@dataclass
class Stopwatch:
    """Takes the wall time of each of the first epochs."""

    epochs: int
    seconds: list[float] = field(default_factory=list)

    def __call__(self, epochs: Iterable[int]) -> Iterator[int]:
        """Pass the first epochs on, timing what is done with each; the run is set up for all of them."""
        for epoch in islice(epochs, self.epochs):
            start = time.perf_counter()
            yield epoch
            self.seconds.append(time.perf_counter() - start)


def main() -> None:
    """Measure `baseline`, `product` or `peak`; print what was found as JSON."""
    way = sys.argv[1]
    task = json.loads(sys.argv[2])
    if way == "peak":
        print(json.dumps({"multiply_adds_per_second": _matrix_product_speed(task["dtype"])}))
        return
    if way == "product":
        # The baseline runs as libraries come, with as many threads as they choose.
        numerics.configure("portable")
    params = parse_params(task["params"])
    stopwatch = Stopwatch(task["epochs"])
    train = {"baseline": _train_baseline, "product": _train_product}[way]
    train(task["folder"], params.experiments[task["run"]], params, stopwatch)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # The first epoch also loads compiled code and wakes threads: the best one is the rate.
    print(json.dumps({"seconds": min(stopwatch.seconds), "peak_mib": peak}))


def _train_product(folder: str, experiment: Any, params: Params, stopwatch: Stopwatch) -> None:
    from octrepro.core.prepared import Prepared
    from octrepro.training.train import train

    train(Prepared.load(folder), experiment, params.seed, "portable", stopwatch)


def _train_baseline(folder: str, experiment: Any, params: Params, stopwatch: Stopwatch) -> None:
    import numpy as np

    train, val = (
        tuple(np.load(f"data/prepared/{folder}/{split}_{kind}.npy") for kind in ("images", "labels"))
        for split in ("train", "val")
    )
    classes = 4
    options: dict[str, Any] = {"seed": params.seed, "watch": stopwatch}
    if experiment.model in ("torch_logistic_regression", "feedforward"):
        _oracle("gradient").train(train, val, classes, experiment, **options)
    elif experiment.model == "perceptron":
        _oracle("from_scratch").perceptron(train, val, classes, experiment.epochs, **options)
    elif experiment.model == "logistic_regression":
        _oracle("from_scratch").logistic_regression(
            train, val, classes, experiment.epochs, experiment.learning_rate, **options
        )
    else:
        init = (experiment.init_mean, experiment.init_sd)
        _oracle("from_scratch").mlp(
            train,
            val,
            classes,
            experiment.epochs,
            experiment.learning_rate,
            experiment.hidden_size,
            init,
            **options,
        )


def _oracle(name: str) -> Any:
    try:
        return importlib.import_module(f"tests.oracles.{name}")
    except ModuleNotFoundError as error:
        raise UserError(
            f"the baseline's code is not at hand: {error}", hint="run from the project's root"
        ) from None


def _matrix_product_speed(dtype: str) -> float:
    """Multiply-adds per second of a large product, by NumPy or by the project's own, whichever is faster."""
    import numpy as np

    from octrepro.arithmetic.products import multiply

    size = 1024
    a = np.ones((size, size), dtype=dtype)
    out = np.empty_like(a)
    best = min(_time_product(way, a, out) for _ in range(12) for way in (_multiply_by_numpy, multiply))
    return size**3 / best


def _multiply_by_numpy(a: Any, b: Any, out: Any) -> None:
    import numpy as np

    np.matmul(a, b, out=out)


def _time_product(way: Any, a: Any, out: Any) -> float:
    start = time.perf_counter()
    way(a, a, out)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
