"""Gather what the runs of one data set came to."""

from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Read the runs' records, the sweeps and the seeds; write results.json."""
    from octrepro.core import paths
    from octrepro.core.files import read_json, write_json
    from octrepro.core.records import load_records
    from octrepro.results.summary import summarize

    dataset, params = stage.dataset, stage.params
    records = load_records(dataset, params.runs, replicated=params.replicated)
    sweeps = [read_json(paths.sweep(dataset, name)) for name in params.sweeps]
    seeds = read_json(paths.seeds(dataset))["further"]
    write_json(paths.results(dataset), summarize(records, params, dataset, sweeps, seeds))


if __name__ == "__main__":
    main("results", run)
