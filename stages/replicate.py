"""Train one run from further seeds."""

from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Write replicates.csv and a record for each seed."""
    from octrepro.core import paths
    from octrepro.core.files import read_json
    from octrepro.replication.replicate import replicate

    dataset, name, params = stage.dataset, stage.run, stage.params
    seeds = read_json(paths.seeds(dataset))["further"]
    replicate((dataset, name), params.runs[name], seeds, params.numerics, stage.address)


if __name__ == "__main__":
    main("replicate", run)
