"""Draw the figures of a data set."""

from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Read the runs' records, the results and the prepared data; write the folder of figures."""
    from octrepro.core import paths
    from octrepro.core.files import atomic_directory, read_json
    from octrepro.core.prepared import Prepared
    from octrepro.core.records import load_records
    from octrepro.figures.catalog import draw_all
    from octrepro.figures.context import Context

    dataset = stage.dataset
    records = load_records(dataset, stage.params.runs, replicated=stage.params.replicated)
    context = Context(dataset, records, Prepared.load(dataset), read_json(paths.results(dataset)))
    with atomic_directory(paths.figures(dataset)) as folder:
        for figure, reason in draw_all(context, folder).items():
            print(f"left out: figure {figure}: {reason}")


if __name__ == "__main__":
    main("figures", run)
