import pytest

from octrepro.figures import FIGURES
from octrepro.plotting import FigureInfo, save
from octrepro.study.runs import RUNS
from tests.figures.fakes import OCT_CLASSES, context

SPECS = {spec.id: spec for spec in FIGURES}
HOSTILE = ("</svg><script>alert(1)</script>", "$\\frac{a}$ & <b>", "x" * 300, "黄斑\x00水肿")
ELEVEN = tuple(f"organ number {index} with a long name" for index in range(11))


def test_overview_shows_the_reported_accuracies():
    data = SPECS["test_accuracies"].draw(context()).data
    shown = dict(zip(data["run"], data["source_report"], strict=True))
    assert shown == {run: each.reported and float(each.reported) for run, each in RUNS.items()}


def test_overview_omits_incomparable_accuracies():
    made = context(runs=("mlp",), changed={"mlp": {"init_sd": 0.1}})
    assert SPECS["test_accuracies"].draw(made).data["source_report"] == [None]


@pytest.mark.parametrize(("source", "comparable"), [("medmnist", True), ("phantom", False), ("file", False)])
def test_reported_accuracies_are_comparable_by_source_not_by_name(source, comparable):
    drawing = SPECS["test_accuracies"].draw(
        context(dataset="octmnist", runs=("perceptron", "mlp"), source=source)
    )
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
    ids=["two classes", "eleven classes", "color", "hostile names"],
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
    assert data["row1_column2"] == pytest.approx(weights[:, 30], rel=1e-3)
