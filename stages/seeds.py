"""Draw the further seeds from which a data set's runs are trained."""

from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Write seeds.json: a file of its own, so that no other edit of the parameters trains anything again."""
    from octrepro.core import paths
    from octrepro.core.files import write_json

    params, dataset = stage.params, stage.dataset
    write_json(paths.seeds(dataset), {"seed": params.seed, "further": params.further_seeds(dataset)})


if __name__ == "__main__":
    main("seeds", run)
