"""Stage fetch@<dataset>: put the data set at data/raw/<dataset>.npz."""

from octrepro.core import paths
from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Download, copy or draw the data set."""
    from octrepro.datasets.fetch import fetch

    dataset = stage.dataset
    fetch(dataset, stage.params.datasets[dataset], paths.raw(dataset))


if __name__ == "__main__":
    main("fetch", run)
