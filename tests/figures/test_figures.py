"""All figures on the committed build, and what each says of its data."""

import dataclasses
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from octrepro.core import paths
from octrepro.figures.captions import trend
from octrepro.figures.catalog import FIGURES, draw_all
from octrepro.figures.principles import losses_on_segments
from octrepro.plotting.saving import save
from octrepro.study.runs import RUNS
from tests.figures.built import CLASSES, context, context_of, diverged, record

HOSTILE = ("</svg><script>alert(1)</script>", "$\\frac{a}$ & <b>", "x" * 300, "黄斑\x00水肿")
ELEVEN = tuple(f"organ number {index} with a long name" for index in range(11))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> tuple[Path, dict[str, dict]]:
    """The folder of figures, and their entries by id; one run diverged."""
    runs = [record(run) if run != "feedforward_lr1" else diverged(record(run), 7) for run in RUNS]
    folder = tmp_path_factory.mktemp("figures")
    assert draw_all(context_of(runs), folder) == []
    return folder, {entry["id"]: entry for entry in json.loads((folder / "figures.json").read_text())}


def test_every_figure_has_its_words_and_files(drawn):
    folder, entries = drawn
    assert list(entries) == list(FIGURES)
    assert [entry["number"] for entry in entries.values()] == [*range(1, 14), *[None] * (len(FIGURES) - 13)]
    for id, entry in entries.items():
        assert entry["title"]
        assert entry["caption"].endswith(".")
        assert entry["alt"].startswith("Synthetic data. ")
        assert any(character.isdigit() for character in entry["alt"])
        assert all((folder / f"{id}.{kind}").stat().st_size > 0 for kind in ("svg", "pdf", "csv"))


def test_type_is_legible_as_printed(drawn):
    for path in drawn[0].glob("*.svg"):
        root = ElementTree.parse(path).getroot()  # noqa: S314 - our own
        sizes = [float(e.attrib["font-size"]) for e in root.iter() if "font-size" in e.attrib]
        assert min(sizes) >= 7, path.name
        # The page is as wide, so that nothing is printed smaller than it is drawn.
        assert float(root.attrib["width"].removesuffix("pt")) <= 454, path.name


def test_a_figure_of_curves_shows_and_tells_the_history(drawn):
    folder, entries = drawn
    entry, history = entries["feedforward_loss_batch_small"], record("feedforward").history
    places = (paths.record, paths.history)
    assert entry["data"] == [place("phantom", "feedforward").as_posix() for place in places]
    table = pd.read_csv(folder / "feedforward_loss_batch_small.csv")
    for column in ("train_loss", "val_loss"):
        assert table[table.measure == column].value.to_numpy() == pytest.approx(history[column], rel=1e-15)
        assert f"from {history[column][0]:.3f} at epoch 1 to {history[column][-1]:.3f} at" in entry["alt"]


def test_a_diverged_run_is_the_worst_and_says_so(drawn):
    folder, entries = drawn
    entry = entries["feedforward_loss_lr_worst"]
    assert "worst learning rate (η = 1)" in entry["title"]
    assert "diverged in epoch 7" in entry["caption"]
    assert "at epoch 6" in entry["alt"]
    assert "diverged in epoch 7" in (folder / "feedforward_loss_lr_worst.svg").read_text()


def test_a_run_may_diverge_at_once():
    drawing = FIGURES["feedforward_loss_batch_small"](context_of([diverged(record("feedforward"), 1)]))
    assert "Nothing finite" in drawing.alt
    assert "diverged in epoch 1" in drawing.caption


@pytest.mark.parametrize("pair", [("batch_small", "batch_large"), ("lr_best", "lr_worst")])
def test_figures_of_a_pair_share_their_scale(pair):
    made = context("feedforward", "feedforward_batch1024", "feedforward_lr0_01")
    first, second = (FIGURES[f"feedforward_loss_{name}"](made).figure.axes[0] for name in pair)
    assert first.get_ylim() == second.get_ylim()


def test_missing_runs_are_explained(tmp_path):
    omitted = draw_all(context("mlp", "feedforward", "feedforward_lr1"), tmp_path)
    drawn = [entry["id"] for entry in json.loads((tmp_path / "figures.json").read_text())]
    reasons = {entry["id"]: entry["reason"] for entry in omitted}
    assert drawn == [id for id in FIGURES if id not in reasons]
    assert "perceptron is not in params.yaml" in reasons["perceptron_accuracy"]
    assert "feedforward_long" in reasons["feedforward_loss_long_best"]
    assert "no linear model" in reasons["learned_weights"]
    assert json.loads((tmp_path / "omitted.json").read_text()) == omitted
    assert not (tmp_path / "perceptron_accuracy.svg").exists()


@pytest.mark.parametrize(
    ("names", "shape"),
    [(("healthy", "ill"), (28, 28)), (ELEVEN, (28, 28)), (CLASSES, (28, 28, 3)), (HOSTILE, (28, 28))],
    ids=["two classes", "eleven classes", "color", "hostile names"],
)
def test_any_data_set_is_drawn(tmp_path, names, shape):
    runs = [record(run, len(names), int(np.prod(shape))) for run in ("perceptron", "logistic_lr0_01", "mlp")]
    made = context_of(runs, names, shape)
    for id in ("class_examples", "learned_weights", "confusion_matrices"):
        save(FIGURES[id](made), tmp_path, id, stage="figures@phantom")
        assert "<script" not in (tmp_path / f"{id}.svg").read_text()


def test_pictures_show_the_first_images_and_the_weights():
    made = context("perceptron")
    shown = pd.DataFrame(FIGURES["class_examples"](made).data)
    labels = made.prepared.train_labels
    for index, name in enumerate(CLASSES):
        assert list(shown[shown["class"] == name].training_image) == list(np.flatnonzero(labels == index)[:8])
    weights = FIGURES["learned_weights"](made).data["row1_column2"]
    assert weights == pytest.approx(made.records["perceptron"].linear_weights[:, 30], rel=1e-3)


def test_confusion_cells_add_up_to_the_test_set():
    made = context("perceptron", "mlp")
    images = pd.DataFrame(FIGURES["confusion_matrices"](made).data).groupby("run").images.sum()
    assert images.to_dict() == {run: each.metrics["test_total"] for run, each in made.records.items()}


def test_overview_shows_the_counts_and_the_reported_accuracies():
    made = context()
    table = pd.DataFrame(FIGURES["test_accuracies"](made).data).set_index("run")
    assert table.test_correct.to_dict() == {
        run: each.metrics["test_correct"] for run, each in made.records.items()
    }
    assert ((table.low < table.test_accuracy) & (table.test_accuracy < table.high)).all()
    reported = {run: float(each.reported) for run, each in RUNS.items() if each.reported}
    assert table.source_report.dropna().to_dict() == reported


def test_overview_omits_what_was_reported_for_other_parameters():
    made = context_of([record("mlp", init_sd=0.1)])
    assert FIGURES["test_accuracies"](made).data["source_report"] == [None]


@pytest.mark.parametrize("comparable", [True, False])
def test_overview_says_where_the_source_report_measured_other_data(comparable):
    made = context("mlp")
    made = dataclasses.replace(made, results={**made.results, "reference_comparable": comparable})
    drawing = FIGURES["test_accuracies"](made)
    assert ("not comparable" in drawing.caption) is not comparable
    assert drawing.data["comparable"] == [comparable]


def test_a_loss_on_a_line_is_convex_for_the_linear_model_alone():
    _, losses = losses_on_segments()
    assert np.diff(losses["logistic"], n=2).min() > 0
    assert losses["network"][50] > losses["network"][[0, -1]].mean() + 0.1


@pytest.mark.parametrize(
    ("values", "best", "words"),
    [
        ([0.2, 0.3, 0.5], 2, "rises from 0.200 at epoch 1 to 0.500 at epoch 3"),
        ([0.9, 0.2, 0.5], 1, "falls from 0.900 at epoch 1 to 0.500 at epoch 3, lowest 0.200 at epoch 2"),
        ([0.5, 0.1, 0.5], None, "goes from 0.500 at epoch 1 to 0.500 at epoch 3, between 0.100 and 0.500"),
        ([0.5, 0.5, 0.5], None, "stays at 0.500 from epoch 1 to 3"),
        ([0.5], None, "is 0.500 after epoch 1"),
        ([], None, "has no finite value"),
    ],
)
def test_a_curve_in_words(values, best, words):
    epochs = np.arange(1.0, len(values) + 1)
    assert trend("loss", epochs, np.array(values), best) == f"loss {words}"
