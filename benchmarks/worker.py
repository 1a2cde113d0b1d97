"""One measurement in a process of its own: ``python -m benchmarks.worker WAY TASK``.

A process has its own environment (threads, kernels) and its own peak of memory.
"""

import importlib
import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from octrepro.config.loading import parse_params
from octrepro.core import numerics


def main() -> None:
    """Measure `baseline`, `product` or `peak`; print what was found as JSON."""
    way, task = sys.argv[1], json.loads(sys.argv[2])
    if way == "product":
        # The baseline runs as libraries come, with as many threads as they choose.
        numerics.configure("portable")
    found = _peak(task["dtype"]) if way == "peak" else _training(way == "product", task)
    print(json.dumps(found))


def _training(product: bool, task: dict[str, Any]) -> dict[str, float]:
    import numpy as np

    from octrepro.core.prepared import Prepared
    from octrepro.training.from_scratch import LEARNERS

    params = parse_params(task["params"])
    experiment = params.experiments[task["run"]]
    data = Prepared.load(task["folder"])
    seconds: list[float] = []

    def watch(epochs: Iterable[int]) -> Iterator[int]:
        """Pass the first epochs on, timing what is done with each; the run is set up for all of them."""
        for epoch in islice(epochs, task["epochs"]):
            start = time.perf_counter()
            yield epoch
            seconds.append(time.perf_counter() - start)

    found = {}
    from_scratch = experiment.model in LEARNERS
    if product:
        from octrepro.evaluation.evaluate import multiply_adds
        from octrepro.training.train import train

        trained = train(data, experiment, params.seed, "portable", watch)
        # Models from scratch are evaluated on the training set as well as on the validation set.
        evaluated = len(data.val_labels) + from_scratch * len(data.train_labels)
        work = multiply_adds(experiment, trained, len(data.train_labels)) // len(trained.epochs)
        found["multiply_adds"] = work + evaluated * sum(layer.weight.size for layer in trained.layers)
    else:
        # A memory-mapped array's parts are slow to make, and the plain loops make many.
        plain: dict[str, Any] = {
            name: np.array(getattr(data, name)) for name in ("train_images", "val_images")
        }
        oracle = importlib.import_module(f"tests.oracles.{'from_scratch' if from_scratch else 'gradient'}")
        oracle.train(replace(data, **plain), experiment, params.seed, watch=watch)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # The first epoch also loads compiled code and wakes threads: the best one is the rate.
    return {"seconds": min(seconds), "peak_mib": peak, **found}


def _peak(dtype: str) -> dict[str, float]:
    """Multiply-adds per second of a large product, by NumPy or by the project's own, whichever is faster."""
    import numpy as np

    from octrepro.arithmetic.products import multiply

    size = 1024
    a = np.ones((size, size), dtype=dtype)
    out = np.empty_like(a)
    seconds = []
    for way in 12 * (np.matmul, multiply):
        start = time.perf_counter()
        way(a, a, out)
        seconds.append(time.perf_counter() - start)
    return {"multiply_adds_per_second": size**3 / min(seconds)}


if __name__ == "__main__":
    main()
