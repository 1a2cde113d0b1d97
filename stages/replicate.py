"""Train one run from the further seeds that params.yaml asks for; none by default."""

from octrepro.core.stage import Stage, main


def run(stage: Stage) -> None:
    """Write replicates.csv and the record of the replicates."""
    from octrepro.compute.settings import load_settings
    from octrepro.replication.replicate import train_replicates, write_replicates
    from octrepro.replication.seeds import replicate_seeds

    names, params = (stage.the_dataset, stage.the_run), stage.params
    seeds = replicate_seeds(params.seed, params.replicates)
    experiment = params.runs[stage.the_run]
    records = train_replicates(names, experiment, seeds, params.numerics, load_settings(), stage.address)
    write_replicates(*names, records)


if __name__ == "__main__":
    main("replicate", run)
