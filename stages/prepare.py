"""Stage prepare@<dataset>: check data/raw/<dataset>.npz and write data/prepared/<dataset>/."""

from octrepro.core import paths
from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Check the raw file and write arrays that can be memory-mapped."""
    from octrepro.datasets.prepare import prepare

    dataset = stage.dataset
    prepare(dataset, stage.params.datasets[dataset], paths.raw(dataset), paths.prepared(dataset))


if __name__ == "__main__":
    main("prepare", run)
