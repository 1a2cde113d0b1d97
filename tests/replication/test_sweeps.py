"""Sweeps: settings, selection by validation alone, files and figures."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from octrepro.compute.settings import Compute
from octrepro.config import Params, parse_params
from octrepro.core import UserError, paths
from octrepro.core.files import read_json
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord
from octrepro.evaluation.evaluate import evaluate
from octrepro.figures.sweeps import sweep_figures
from octrepro.plotting.saving import Drawing, save
from octrepro.replication.sweep import run_sweep, select, write_sweep
from octrepro.results.summary import summarize
from octrepro.training.train import train
from tests.figures.built import context

HERE = Compute()
ROOT = Path(__file__).parents[2]
GRID = {"base": "feedforward", "grid": {"learning_rate": [0.1, 0.5], "dropout": [0, 0.5]}}
LIST = {
    "base": "torch_logistic_lr0_1",
    "settings": [{"optimizer": "adam", "learning_rate": 0.01}, {"learning_rate": 3e38}, {"epochs": 1}],
}


def params(**sweeps: Any) -> Params:
    content = yaml.safe_load((ROOT / "params.yaml").read_text())
    for experiment in content["experiments"].values():
        experiment["epochs"] = 2
        if "hidden_size" in experiment:
            experiment["hidden_size"] = 5
    return parse_params({**content, "sweeps": sweeps})


def swept(name: str, sweep: dict[str, Any]) -> dict[str, Any]:
    return run_sweep("noise", name, params(**{name: sweep}), HERE, f"sweep@noise-{name}")


def test_expands_grids_and_lists() -> None:
    sweeps = params(grid=GRID, list=LIST).sweeps
    assert sweeps["grid"].changes == [
        {"learning_rate": 0.1, "dropout": 0},
        {"learning_rate": 0.1, "dropout": 0.5},
        {"learning_rate": 0.5, "dropout": 0},
        {"learning_rate": 0.5, "dropout": 0.5},
    ]
    assert sweeps["list"].parameters == ["optimizer", "learning_rate", "epochs"]


@pytest.mark.parametrize(
    ("sweep", "told"),
    [
        ({"base": "feedforward", "grid": {"learning_rat": [0.1]}}, "'learning_rat' is no parameter"),
        ({"base": "feedforward", "grid": {"dropout": [1.5]}}, "sweeps.mine: dropout"),
        ({"base": "mlp", "settings": [{"model": "perceptron"}]}, "'model' is no parameter"),
        ({"base": "nothing", "grid": {"dropout": [0.1]}}, "neither an experiment nor a variant"),
        ({"base": "feedforward"}, "expected either grid or settings"),
        ({"base": "feedforward", "settings": [{"dropout": 0}, {"dropout": 0.0}]}, "given twice"),
        ({"base": "feedforward", "grid": {"dropout": []}}, "sweeps.mine.grid.dropout"),
        ({"base": "perceptron", "grid": {"epochs": list(range(1, 10_002))}}, "10001 settings"),
    ],
)
def test_a_wrong_sweep_is_told(sweep: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError) as caught:
        params(mine=sweep)
    assert told in str(caught.value)
    assert "sweeps.mine" in str(caught.value)


def test_each_setting_is_the_run_it_describes(project: Path) -> None:
    found = swept("grid", GRID)
    data, base = Prepared.load("noise"), params().experiments["feedforward"]
    for each in found["settings"]:
        experiment = base.model_copy(update=each["parameters"])
        record = evaluate(data, experiment, train(data, experiment, 42), ("", ""), "portable")
        assert each["val_accuracy"] == record.metrics["val_accuracy"]
        assert each["val_loss"] == record.history["val_loss"][-1]


def test_only_the_selected_setting_is_tested(project: Path) -> None:
    found = swept("grid", GRID)
    assert found["test"].keys() == {"correct", "total", "accuracy"}
    assert not any("test" in name for each in found["settings"] for name in each)
    write_sweep(found)
    assert "test" not in paths.sweep_table("noise", "grid").read_text()


def record(val_correct: int, test_correct: int, *, diverged: bool = False) -> RunRecord:
    nothing = np.zeros(0, dtype=np.int64)
    metrics = {"val_correct": val_correct, "test_correct": test_correct, "diverged": diverged}
    return RunRecord("", "", {}, {}, metrics, nothing, nothing, nothing, nothing)


def test_selection_looks_at_validation_alone() -> None:
    assert select([record(5, 9), record(7, 1), record(6, 10)]) == 1
    assert select([record(7, 1), record(7, 9)]) == 0
    assert select([record(9, 9, diverged=True), record(2, 2)]) == 1
    assert select([record(9, 9, diverged=True)]) is None


def test_the_table_names_settings_and_the_choice(project: Path) -> None:
    found = swept("list", LIST)
    write_sweep(found)
    rows = list(csv.DictReader(paths.sweep_table("noise", "list").read_text().splitlines()))
    assert [row["optimizer"] for row in rows] == ["adam", "sgd", "sgd"]
    assert [row["diverged"] for row in rows] == ["False", "True", "False"]
    assert [row["selected"] for row in rows].count("True") == 1
    assert rows[found["selected"]]["selected"] == "True"
    assert read_json(paths.sweep("noise", "list"))["test"] == found["test"]


def drawn(found: dict[str, Any], folder: Path) -> Drawing:
    """The figure of a sweep, as the results give it, also written to a folder."""
    made = context()
    (sweep,) = summarize(made.records, params(), "phantom", [found])["sweeps"]
    drawing = sweep_figures([sweep])["sweep_mine"](made)
    save(drawing, folder, "sweep_mine", stage="figures@noise")
    return drawing


@pytest.mark.parametrize(("sweep", "kind"), [(GRID, "Heat map"), (LIST, "Dot plot")], ids=["grid", "list"])
def test_a_sweep_has_a_figure(project: Path, sweep: dict[str, Any], kind: str) -> None:
    found = swept("mine", sweep)
    drawing = drawn(found, project)
    assert drawing.caption.startswith(kind)
    best = found["settings"][found["selected"]]
    assert f"{best['val_accuracy']:.3f}" in drawing.caption
    assert list(drawing.data["selected"]).count(True) == 1


def test_a_sweep_that_diverges_throughout_selects_nothing(project: Path) -> None:
    found = swept("mine", {"base": "feedforward", "grid": {"learning_rate": [1e30, 1e31]}})
    assert found["selected"] is None
    assert found["test"] is None
    assert "Every setting diverged" in drawn(found, project).caption
