"""Names that a reader sees, and the facts of the source report."""

from octrepro.study.comparisons import COMPARISONS
from octrepro.study.names import report_title, run_label, settings
from octrepro.study.runs import RUNS, deviation
from tests.records import EXPERIMENTS


def test_parameters_and_models_have_names_unknown_ones_too() -> None:
    assert settings({"model": "mlp", "learning_rate": 0.1, "dropout": 0.0}) == "η = 0.1, dropout 0"
    toy = {"model": "toy_model", "epochs": 3, "learning_rate": 0.1, "momentum": 0.9}
    assert run_label(toy) == "Toy model, η = 0.1, 3 epochs, momentum 0.9"
    assert deviation("toy", toy) == "not a run of the source report"


def test_every_run_has_a_label_of_its_own_and_in_each_comparison_too() -> None:
    labels = [run_label(run.parameters) for run in RUNS.values()]
    assert len(set(labels)) == len(labels) == 15
    for comparison in COMPARISONS:
        assert {comparison.best, comparison.worst} - {None} <= set(comparison.runs)
        labels = [comparison.label(RUNS[run].parameters) for run in comparison.runs]
        assert len(set(labels)) == len(labels) > 1


def test_shipped_parameters_are_the_source_reports() -> None:
    assert list(EXPERIMENTS) == list(RUNS)
    for run, experiment in EXPERIMENTS.items():
        assert deviation(run, experiment) is None
        assert experiment.items() >= RUNS[run].parameters.items()


def test_title_fits_the_data() -> None:
    words = "Linear classifiers and neural networks on"
    assert report_title(None, True, "Chest X-rays") == f"{words} retinal OCT images"
    assert report_title(None, False, "Chest X-rays") == f"{words} Chest X-rays"
    assert report_title("Mine", True, "Chest X-rays") == "Mine"
