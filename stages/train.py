"""Train one run on one data set: history and weights."""

import time
from collections.abc import Iterable, Iterator

from octrepro.core import paths
from octrepro.core.files import write_json
from octrepro.core.progress import progress
from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Train and write; the wall time goes to a file that nothing depends on."""
    from octrepro.core.prepared import Prepared
    from octrepro.training.result import write_history, write_weights
    from octrepro.training.train import train

    dataset, name = stage.dataset, stage.run
    experiment = stage.params.runs[name]
    seconds: list[float] = []

    def watch(epochs: Iterable[int]) -> Iterator[int]:
        for epoch in progress(epochs, experiment.epochs, stage.address, "epoch"):
            start = time.perf_counter()
            yield epoch
            seconds.append(time.perf_counter() - start)

    trained = train(Prepared.load(dataset), experiment, stage.params.seed, stage.params.numerics, watch)
    write_history(paths.history(dataset, name), trained.epochs)
    write_weights(paths.weights(dataset, name), trained.layers, trained.updates)
    write_json(paths.timing(dataset, name), {"seconds_per_epoch": seconds})


if __name__ == "__main__":
    main("train", run)
