"""Sweeps: settings, selection by validation alone, files and figures."""

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

from octrepro.config.loading import parse_params
from octrepro.config.schema import Params
from octrepro.core import UserError, paths
from octrepro.core.files import read_json
from octrepro.core.prepared import Prepared
from octrepro.evaluation.evaluate import evaluate
from octrepro.figures.overview import sweep_figures
from octrepro.replication.sweep import select, sweep
from octrepro.results.summary import summarize
from octrepro.training.train import train
from tests.pipeline.project import ROOT
from tests.records import context, record

GRID = {"base": "feedforward", "grid": {"learning_rate": [0.1, 0.5], "dropout": [0, 0.5]}}
LIST = {
    "base": "torch_logistic_lr0_1",
    "settings": [{"optimizer": "adam", "learning_rate": 0.01}, {"learning_rate": 3e38}, {"epochs": 1}],
}
DIVERGING = {"base": "feedforward", "grid": {"learning_rate": [1e30, 1e31]}}


def params(sweep: dict[str, Any]) -> Params:
    content = yaml.safe_load((ROOT / "params.yaml").read_text())
    for experiment in content["experiments"].values():
        experiment["epochs"] = 2
        if "hidden_size" in experiment:
            experiment["hidden_size"] = 5
    return parse_params({**content, "sweeps": {"mine": sweep}})


def test_a_grid_or_a_list_is_expanded() -> None:
    assert params(GRID).sweeps["mine"].changes == [
        {"learning_rate": rate, "dropout": dropout} for rate in (0.1, 0.5) for dropout in (0, 0.5)
    ]
    assert params(LIST).sweeps["mine"].parameters == ["optimizer", "learning_rate", "epochs"]


@pytest.mark.parametrize(
    ("sweep", "told"),
    [
        ({"base": "feedforward", "grid": {"learning_rat": [0.1]}}, "sweeps.mine: learning_rat 0.1: Extra"),
        ({"base": "feedforward", "grid": {"dropout": [1.5]}}, "sweeps.mine: dropout"),
        ({"base": "nothing", "grid": {"dropout": [0.1]}}, "neither an experiment nor a variant"),
        ({"base": "feedforward"}, "expected either grid or settings"),
        ({"base": "perceptron", "grid": {"epochs": list(range(1, 10_002))}}, "10001 settings"),
    ],
)
def test_a_wrong_sweep_is_told(sweep: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=r"sweeps\.mine") as caught:
        params(sweep)
    assert told in str(caught.value)


def test_selection_looks_at_validation_alone() -> None:
    diverged = record("mlp", val=9, metrics={"diverged": True})
    assert select([record("mlp", val=v, test=t) for v, t in ((5, 9), (7, 1), (6, 10))]) == 1
    assert select([record("mlp", val=7, test=t) for t in (1, 9)]) == 0
    assert select([diverged, record("mlp", val=2)]) == 1
    assert select([diverged]) is None


@pytest.mark.parametrize("asked", [GRID, LIST, DIVERGING], ids=["grid", "list", "diverging"])
def test_settings_are_trained_listed_selected_and_drawn(project: Path, asked: dict[str, Any]) -> None:
    sweep("noise", "mine", params(asked), "sweep@noise-mine")
    found = read_json(paths.sweep("noise", "mine"))
    rows = list(csv.DictReader(paths.sweep_table("noise", "mine").read_text().splitlines()))
    data, base = Prepared.load("noise"), params(asked).experiments[asked["base"]]
    for row, setting in zip(rows, found["settings"], strict=True):
        experiment = base.model_copy(update=setting["parameters"])
        alone = evaluate(data, experiment, train(data, experiment, 42), "portable")
        assert setting["val_accuracy"] == float(row["val_accuracy"]) == alone.metrics["val_accuracy"]
        written = {name: str(value) for name, value in setting["parameters"].items()}
        assert {**written, "diverged": str(setting["diverged"])}.items() <= row.items()
    # Only the selected setting is tested.
    assert not any("test" in name for each in [*found["settings"], *rows] for name in each)
    chosen = [position for position, row in enumerate(rows) if row["selected"] == "True"]
    if asked is DIVERGING:
        assert (found["selected"], found["test"], chosen) == (None, None, [])
    else:
        assert chosen == [found["selected"]]
        assert found["test"].keys() == {"correct", "total", "accuracy"}
    made = context()
    drawings = sweep_figures(summarize(made.records, params(asked), "phantom", [found])["sweeps"])
    drawing = drawings["sweep_mine"](made)
    assert list(drawing.data["selected"]).count(True) == len(chosen)
    assert ("Every setting diverged" in drawing.caption) == (not chosen)
    assert drawing.alt.count(": diverged") == sum(setting["diverged"] for setting in found["settings"])
