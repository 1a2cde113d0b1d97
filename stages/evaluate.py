"""Evaluate one trained run: metrics, and the record that claims, figures and report read."""

from dataclasses import replace

from octrepro.core import paths
from octrepro.core.files import write_json
from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Predict every split and write what came out."""
    from octrepro.core.prepared import Prepared
    from octrepro.evaluation.evaluate import evaluate
    from octrepro.training.result import Trained, read_history, read_weights

    dataset, name = stage.dataset, stage.run
    layers, updates = read_weights(paths.weights(dataset, name))
    trained = Trained(layers, read_history(paths.history(dataset, name)), updates)
    record = evaluate(Prepared.load(dataset), stage.params.runs[name], trained, stage.params.numerics)
    write_json(paths.metrics(dataset, name), record.metrics)
    replace(record, dataset=dataset, run=name).save(paths.record(dataset, name))


if __name__ == "__main__":
    main("evaluate", run)
