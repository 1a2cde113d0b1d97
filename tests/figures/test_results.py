import dataclasses

import pytest
from scipy.stats import binomtest

from octrepro.claims.reference import REPORTED
from octrepro.figures import FIGURES
from octrepro.figures.reference import reported_accuracy
from octrepro.figures.results import wilson
from octrepro.plotting import FigureInfo, save
from tests.figures.fakes import OCT_CLASSES, context

SPECS = {spec.id: spec for spec in FIGURES}
HOSTILE = ("</svg><script>alert(1)</script>", "$\\frac{a}$ & <b>", "x" * 300, "黄斑\x00水肿")
ELEVEN = tuple(f"organ number {index} with a long name" for index in range(11))


@pytest.mark.parametrize(("correct", "total"), [(0, 10), (10, 10), (181, 529), (414, 529)])
def test_wilson_intervals_are_those_of_scipy(correct, total):
    expected = binomtest(correct, total).proportion_ci(0.95, method="wilson")
    assert wilson(correct, total) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_overview_shows_what_the_audit_holds_for_reported():
    records = context(dataset="octmnist").records
    shown = {run: reported_accuracy(record) for run, record in records.items()}
    assert {run: value for run, value in shown.items() if value is not None} == {
        run: float(reported.accuracy) for run, reported in REPORTED.items()
    }


def test_a_run_with_other_parameters_is_not_held_beside_the_source_report():
    record = context(runs=("mlp",)).records["mlp"]
    changed = dataclasses.replace(record, experiment=record.experiment | {"init_sd": 0.1})
    assert reported_accuracy(record) == 0.7505
    assert reported_accuracy(changed) is None


@pytest.mark.parametrize(("dataset", "comparable"), [("octmnist", True), ("fake", False)])
def test_reference_values_of_other_data_are_called_not_comparable(dataset, comparable):
    drawing = SPECS["test_accuracies"].draw(context(dataset=dataset, runs=("perceptron", "mlp")))
    assert ("not comparable" in drawing.caption) is not comparable
    assert drawing.data["source_report"] == [0.3422, 0.7505]


def test_the_overview_states_counts_of_the_metrics():
    made = context(runs=("perceptron", "feedforward"))
    data = SPECS["test_accuracies"].draw(made).data
    assert data["test_correct"] == [record.metrics["test_correct"] for record in made.records.values()]
    assert all(
        low < share < high
        for low, share, high in zip(data["low"], data["test_accuracy"], data["high"], strict=True)
    )


def test_confusion_cells_add_up_to_the_test_set():
    made = context(runs=("perceptron", "mlp"))
    data = SPECS["confusion_matrices"].draw(made).data
    for run, record in made.records.items():
        cells = [n for name, n in zip(data["run"], data["images"], strict=True) if name == run]
        assert sum(cells) == record.metrics["test_total"]


@pytest.mark.parametrize(
    ("names", "shape"),
    [(("healthy", "ill"), (28, 28)), (ELEVEN, (28, 28)), (OCT_CLASSES, (28, 28, 3)), (HOSTILE, (28, 28))],
    ids=["two classes", "eleven classes", "colour", "hostile names"],
)
@pytest.mark.parametrize("name", ["class_examples", "learned_weights", "confusion_matrices"])
def test_any_data_set_is_drawn(tmp_path, names, shape, name):
    made = context(names, shape, runs=("perceptron", "logistic_lr0_01", "mlp"))
    drawing = SPECS[name].draw(made)
    save(drawing.figure, tmp_path, FigureInfo(name, drawing.title, "", drawing.alt, "", ""), drawing.data)
    assert "<script" not in (tmp_path / f"{name}.svg").read_text()


def test_examples_are_the_first_training_images_of_each_class():
    made = context()
    data = SPECS["class_examples"].draw(made).data
    labels = made.prepared.train_labels
    for index, name in enumerate(OCT_CLASSES):
        shown = [i for i, c in zip(data["training_image"], data["class"], strict=True) if c == name]
        assert shown == [i for i in range(len(labels)) if labels[i] == index][:8]


def test_weights_are_those_of_the_record():
    made = context(runs=("perceptron",))
    data = SPECS["learned_weights"].draw(made).data
    weights = made.records["perceptron"].linear_weights
    assert data["row1_column2"] == pytest.approx(weights[:, 30], rel=1e-5)
