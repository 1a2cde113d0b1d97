import json
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from octrepro.core import paths
from octrepro.figures import FIGURES, Context, draw_all
from octrepro.figures.drawing import OmittedFigureError
from octrepro.study.comparisons import LEARNING_RATE
from tests.figures.fakes import context, with_results

PROTOCOL = [
    "perceptron_accuracy",
    "logistic_accuracy_lr0_01",
    "logistic_accuracy_lr0_001",
    "mlp_accuracy",
    "mlp_loss",
    "torch_logistic_loss",
    "torch_logistic_val_accuracy",
    "feedforward_loss_batch_small",
    "feedforward_loss_batch_large",
    "feedforward_loss_lr_best",
    "feedforward_loss_lr_worst",
    "feedforward_loss_long_best",
    "feedforward_loss_long_worst",
]
SPECS = {spec.id: spec for spec in FIGURES}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> tuple[Path, Context, list]:
    folder, made = tmp_path_factory.mktemp("figures"), context(diverged={"feedforward_lr1": 7})
    assert draw_all(FIGURES, made, folder) == []
    return folder, made, json.loads((folder / "figures.json").read_text())


def test_figure_numbers_match_the_source():
    numbered = {spec.number: spec.id for spec in FIGURES if spec.number is not None}
    assert numbered == dict(enumerate(PROTOCOL, start=1))
    assert len(SPECS) == len(FIGURES)


def test_figures_carry_metadata(drawn):
    folder, _, entries = drawn
    assert [entry["id"] for entry in entries] == [spec.id for spec in FIGURES]
    for entry in entries:
        assert entry["title"]
        assert entry["caption"].endswith(".")
        assert entry["alt"].startswith("Synthetic data. ") == entry["synthetic"]
        assert any(character.isdigit() for character in entry["alt"])
        assert entry["stage"] == "figures@fake"
        assert entry["command"] == "dvc repro figures@fake"
        for kind in ("svg", "pdf", "csv"):
            assert (folder / f"{entry['id']}.{kind}").stat().st_size > 0


def test_curves_name_their_sources(drawn):
    entry = next(entry for entry in drawn[2] if entry["id"] == "mlp_loss")
    assert entry["data"] == [
        paths.record("fake", "mlp").as_posix(),
        paths.history("fake", "mlp").as_posix(),
    ]


def test_csv_of_a_curve_is_the_history(drawn):
    folder, made, _ = drawn
    table = pd.read_csv(folder / "feedforward_loss_batch_small.csv", float_precision="round_trip")
    history = made.records["feedforward"].history
    for column in ("train_loss", "val_loss"):
        assert list(table[table.measure == column].epoch) == list(history["epoch"])
        assert list(table[table.measure == column].value) == list(history[column])


@pytest.mark.parametrize(
    ("first", "second"),
    [("batch_small", "batch_large"), ("lr_best", "lr_worst"), ("long_best", "long_worst")],
)
def test_figures_of_a_pair_share_their_scale(first, second):
    made = context()
    panels = [SPECS[f"feedforward_loss_{name}"].draw(made).figure.axes[0] for name in (first, second)]
    assert panels[0].get_ylim() == panels[1].get_ylim()


def test_alt_texts_hold_the_numbers_at_the_ends(drawn):
    _, made, entries = drawn
    entry = next(entry for entry in entries if entry["id"] == "perceptron_accuracy")
    accuracy = made.records["perceptron"].history["val_accuracy"]
    assert f"from {accuracy[0]:.3f} at epoch 1 to {accuracy[-1]:.3f} at epoch 20" in entry["alt"]


def test_marks_a_diverged_run(drawn):
    folder, _, entries = drawn
    entry = next(entry for entry in entries if entry["id"] == "feedforward_loss_lr_worst")
    assert "diverged in epoch 7" in entry["caption"]
    assert "at epoch 6" in entry["alt"]
    assert "diverged in epoch 7" in (folder / "feedforward_loss_lr_worst.svg").read_text()


def test_diverged_run_is_worst_everywhere():
    made = context(diverged={"feedforward_lr1": 7})
    made.records["feedforward_lr1"].metrics.update(val_correct=300)
    made.records["feedforward_lr0_001"].metrics.update(val_correct=100)
    made = with_results(made)
    assert made.comparison(LEARNING_RATE)["worst"] == "feedforward_lr1"
    assert SPECS["feedforward_loss_lr_worst"].draw(made).title.count("worst learning rate (η = 1)")


def test_best_is_chosen_by_validation():
    made = context()
    for run, validation, test in (
        ("feedforward_long", 0.9, 0.1),
        ("feedforward_long_l2", 0.6, 0.5),
        ("feedforward_long_dropout", 0.3, 0.95),
    ):
        made.records[run].metrics.update(val_correct=round(validation * 529), test_accuracy=test)
    made = with_results(made)
    best = SPECS["feedforward_loss_long_best"].draw(made)
    worst = SPECS["feedforward_loss_long_worst"].draw(made)
    assert "best regularization (no regularization)" in best.title
    assert "worst regularization (dropout 0.2)" in worst.title


def test_type_is_legible_as_printed(drawn):
    folder, _, _ = drawn
    for path in folder.glob("*.svg"):
        root = ElementTree.parse(path).getroot()  # noqa: S314 - our own
        sizes = [float(e.attrib["font-size"]) for e in root.iter() if "font-size" in e.attrib]
        assert min(sizes) >= 7, path.name
        # The page is as wide, so that nothing is printed smaller than it is drawn.
        assert float(root.attrib["width"].removesuffix("pt")) <= 454, path.name


def test_missing_runs_are_explained(tmp_path):
    made = context(runs=("perceptron", "feedforward", "feedforward_lr1"))
    wanted = ["perceptron_accuracy", "mlp_loss", "feedforward_loss_lr_best", "feedforward_loss_long_best"]
    omitted = draw_all([SPECS[name] for name in wanted], made, tmp_path)
    drawn = [entry["id"] for entry in json.loads((tmp_path / "figures.json").read_text())]
    assert drawn == ["perceptron_accuracy", "feedforward_loss_lr_best"]
    assert [entry["id"] for entry in omitted] == ["mlp_loss", "feedforward_loss_long_best"]
    assert "mlp is not in params.yaml" in omitted[0]["reason"]
    assert "feedforward_long" in omitted[1]["reason"]
    assert json.loads((tmp_path / "omitted.json").read_text()) == omitted
    assert not (tmp_path / "mlp_loss.svg").exists()


def test_draws_immediate_divergence():
    made = context(runs=("feedforward",), diverged={"feedforward": 1})
    drawing = SPECS["feedforward_loss_batch_small"].draw(made)
    assert "nothing finite" in drawing.alt.lower()
    assert "diverged in epoch 1" in drawing.caption


def test_only_linear_models_have_weights_to_show():
    with pytest.raises(OmittedFigureError, match="linear"):
        SPECS["learned_weights"].draw(context(runs=("mlp",)))
