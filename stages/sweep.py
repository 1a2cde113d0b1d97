"""Train the settings of a sweep and select one by validation accuracy."""

from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Write the sweep's table and its record."""
    from octrepro.replication.sweep import sweep

    sweep(stage.dataset, stage.run, stage.params, stage.address)


if __name__ == "__main__":
    main("sweep", run)
