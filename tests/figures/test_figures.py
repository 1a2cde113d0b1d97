"""All figures on the committed build, and what each says of its data."""

import dataclasses
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from octrepro.core import paths
from octrepro.core.records import RunRecord
from octrepro.figures.catalog import FIGURES, draw_all
from octrepro.figures.curves import Curve
from octrepro.plotting.saving import save
from octrepro.study.runs import RUNS
from tests.records import CLASSES, VAL, all_records, context, diverged, record, replicated

HOSTILE = ("</svg><script>alert(1)</script>", "$\\frac{a}$ & <b>", "x" * 300, "黄斑\x00水肿")
ELEVEN = tuple(f"organ number {index} with a long name" for index in range(11))
BANDED = ("feedforward", "feedforward_lr1", "feedforward_long_l2", "torch_logistic_lr0_01")


def banded(run: str) -> RunRecord:
    """The run with three further seeds, each right on ten validation images more than the one before."""
    return replicated(run, 300, 310, 320, 330, split="val")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> tuple[Path, dict[str, dict]]:
    """The folder of figures, and their entries by id; one run diverged."""
    made = context(*all_records(diverged(record("feedforward_lr1"), 7)).values())
    folder = tmp_path_factory.mktemp("figures")
    assert draw_all(made, folder) == {}
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


@pytest.mark.parametrize("figure", ["feedforward_loss_batch_small", "regularization"])
def test_bands_are_drawn_told_and_given_as_data_where_there_are_seeds(figure):
    seeds = all_records(*map(banded, BANDED))
    without, found = (FIGURES[figure](made) for made in (context(), context(*seeds.values())))
    assert "The bands span 4 seeds, from the lowest to the highest" in found.caption
    assert "bands" not in without.caption
    table = pd.DataFrame(found.data)
    assert set(table[table.low.notna()].run) == set(table.run) & set(BANDED)
    areas = [sum(len(ax.collections) for ax in each.figure.axes) for each in (without, found)]
    assert areas[1] == areas[0] + len(table[table.low.notna()][["run", "measure"]].drop_duplicates())


def test_a_band_spans_the_seeds_while_they_last():
    run = banded("feedforward")
    ended = dataclasses.replace(run, replicates={0: diverged(run.replicates[0], 3)})
    for curve, highest in ((run, [330] * 20), (ended, [310] * 3 + [300] * 17)):
        points = Curve(curve, "val_accuracy", "", "k").points
        assert points.low.to_numpy() == pytest.approx(300 / VAL)
        assert points.high.to_numpy() == pytest.approx(np.array(highest) / VAL)


def test_missing_runs_are_explained(tmp_path):
    reasons = draw_all(context(record("mlp"), record("feedforward_long")), tmp_path)
    drawn = [entry["id"] for entry in json.loads((tmp_path / "figures.json").read_text())]
    assert drawn == [id for id in FIGURES if id not in reasons]
    assert "perceptron is not in params.yaml" in reasons["perceptron_accuracy"]
    assert "no two of its runs" in reasons["learning_rates"]
    assert json.loads((tmp_path / "omitted.json").read_text()) == reasons
    assert not (tmp_path / "perceptron_accuracy.svg").exists()


@pytest.mark.parametrize(("names", "image_shape"), [(ELEVEN, (28, 28, 3)), (HOSTILE, (28, 28))])
def test_any_data_set_is_drawn(tmp_path, names, image_shape):
    shape = (len(names), int(np.prod(image_shape)))
    runs = [record(run, shape=shape) for run in ("perceptron", "logistic_lr0_01", "mlp")]
    made = context(*runs, names=names, image_shape=image_shape)
    for id in ("class_examples", "learned_weights", "confusion_matrix"):
        save(FIGURES[id](made), tmp_path, id, stage="figures@phantom")
        assert "<script" not in (tmp_path / f"{id}.svg").read_text()


def test_figures_show_the_images_weights_and_counts_of_the_build():
    made = context(record("perceptron"), record("mlp"))
    names = ("class_examples", "learned_weights", "confusion_matrix")
    data = {id: FIGURES[id](made).data for id in names}
    shown, labels = pd.DataFrame(data["class_examples"]), made.prepared.train_labels
    for index, name in enumerate(CLASSES):
        assert list(shown[shown["class"] == name].training_image) == list(np.flatnonzero(labels == index)[:8])
    weights = data["learned_weights"]["row1_column2"]
    assert weights == pytest.approx(made.records["perceptron"].linear_weights[:, 30], rel=1e-3)
    best = made.records[made.results["best_run"]]
    assert data["confusion_matrix"]["images"].tolist() == np.ravel(best.metrics["confusion"]).tolist()


def test_overview_shows_counts_seeds_and_the_reported_accuracies():
    made = context(*all_records(banded("mlp")).values())
    drawing = FIGURES["test_accuracies"](made)
    table = pd.DataFrame(drawing.data).set_index("run")
    counts = {run: each.metrics["test_correct"] for run, each in made.records.items()}
    assert table.test_correct.to_dict() == counts
    assert ((table.low < table.test_accuracy) & (table.test_accuracy < table.high)).all()
    reported = {run: float(each.reported) for run, each in RUNS.items() if each.reported}
    assert table.source_report.dropna().to_dict() == reported
    assert "further seeds" in drawing.caption
    assert "not comparable" in drawing.caption
    ticks = [line for line in drawing.figure.axes[0].lines if line.get_marker() == "|"]
    assert [len(line.get_xdata()) for line in ticks if len(line.get_xdata())] == [3]
