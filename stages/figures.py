"""Draw the figures of a data set."""

from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Read the runs' records, the results and the prepared data; write the folder of figures."""
    from octrepro.core import paths
    from octrepro.core.files import atomic_directory, read_json
    from octrepro.core.prepared import Prepared
    from octrepro.core.records import load_records
    from octrepro.figures import FIGURES, Context, draw_all, sweep_figures

    dataset = stage.the_dataset
    params = stage.params
    records = load_records(dataset, params.runs, replicated=params.replicated)
    results = read_json(paths.results(dataset))
    context = Context(dataset, records, Prepared.load(dataset), results)
    sweeps = {sweep["sweep"]: sweep for sweep in results["sweeps"]}
    with atomic_directory(paths.figures(dataset)) as folder:
        for left_out in draw_all([*FIGURES, *sweep_figures(sweeps)], context, folder):
            print(f"left out: figure {left_out['id']}: {left_out['reason']}")


if __name__ == "__main__":
    main("figures", run)
