"""results.json: rows, best and worst of the comparisons, and the stage that writes it."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stages import results as stage_script

from octrepro.core import paths
from octrepro.core.files import read_json, write_json
from octrepro.core.records import RunRecord
from octrepro.results.accuracies import late_epochs
from octrepro.results.extremes import best_run, comparisons
from octrepro.results.summary import summarize
from octrepro.stage import Stage
from tests.results.synthetic import EXPERIMENTS, PARAMS, RUNS, all_records, correct, record, replicated

DIVERGED = {"diverged": True, "diverged_epoch": 2}


def rows(*changed: RunRecord) -> dict[str, Any]:
    return {row["run"]: row for row in summarize(all_records(*changed), PARAMS, "phantom")["rows"]}


def comparison(name: str, records: dict[str, RunRecord]) -> dict[str, Any]:
    (found,) = (each for each in comparisons(records) if each["id"] == name)
    return found


def test_rows_have_every_run_with_intervals_and_reported_accuracy() -> None:
    found = rows(record("feedforward_lr1", metrics=DIVERGED))
    assert list(found) == list(EXPERIMENTS)
    row = found["feedforward_long_dropout"]
    assert row["differing"] == {"epochs": 150, "batch_size": 256, "dropout": 0.2}
    assert row["label"] == "Feed-forward network, batch 256, 150 epochs, dropout 0.2"
    assert row["reported"] == "0.7825"
    assert (row["comparable"], row["reason"]) == (False, "other data")
    assert row["test"]["low"] < row["test"]["accuracy"] < row["test"]["high"]
    assert (row["test"]["correct"], row["test"]["total"]) == (300, 529)
    assert found["feedforward"]["differing"] == {}
    assert (found["feedforward_lr1"]["diverged"], found["feedforward_lr1"]["diverged_epoch"]) == (True, 2)
    assert found["feedforward_lr1"]["reported"] is None


def test_variants_and_unknown_models_have_rows_after_the_experiments() -> None:
    params = PARAMS.model_copy(update={"ablation": ["mlp_sd0_1"]})
    variant = record("mlp", experiment=params.variants["mlp_sd0_1"].model_dump())
    toy = record("mlp", experiment={"model": "toy_model"})
    records = all_records(dataclasses.replace(variant, run="mlp_sd0_1"), dataclasses.replace(toy, run="toy"))
    *_, last, unknown = summarize(records, params, "phantom")["rows"]
    assert (last["run"], last["variant"], last["differing"]) == ("mlp_sd0_1", True, {"init_sd": 0.1})
    assert unknown["label"].startswith("Toy model, η = 0.001")
    assert (unknown["reported"], unknown["comparable"]) == (None, False)


def test_recall_is_by_class_and_balanced_accuracy_its_mean() -> None:
    row = rows(record("mlp", metrics={"confusion": [[100, 0, 0], [0, 0, 0], [300, 0, 129]]}))["mlp"]
    first, none, last = row["recall"]
    assert (first["accuracy"], none, last["correct"], last["total"]) == (1, None, 129, 429)
    assert row["balanced_accuracy"]["value"] == pytest.approx((1 + last["accuracy"]) / 2, abs=1e-5)


def test_areas_have_an_interval_where_they_vary() -> None:
    areas = {"auc": 0.9, "auc_se": 0.05, "class_auc": [1.0, 0.8, None], "class_auc_se": [0.0, None, None]}
    row = rows(record("mlp", metrics=areas))["mlp"]
    assert row["auc"]["low"] < row["auc"]["value"] == 0.9 < row["auc"]["high"]
    assert row["class_auc"] == [
        {"value": 1.0, "low": None, "high": None},
        {"value": 0.8, "low": None, "high": None},
        None,
    ]


def test_over_seeds_leaves_out_and_counts_diverged_seeds() -> None:
    large = replicated("feedforward_batch1024", 300, 300, 310, 301)
    large.replicates[1].metrics.update(DIVERGED)
    found = rows(large)
    over_seeds = found["feedforward_batch1024"]["over_seeds"]
    assert (over_seeds["seeds"], over_seeds["diverged"]) == (3, 1)
    assert over_seeds["test"]["mean"] == pytest.approx(np.mean([300, 300, 301]) / 529, rel=1e-5)
    assert found["feedforward"]["over_seeds"] is None


def test_best_and_worst_are_chosen_by_validation_alone() -> None:
    lr1, lr0_01 = record("feedforward_lr1", val=100, test=500), record("feedforward_lr0_01", val=500, test=10)
    row = comparison("learning_rate", all_records(lr1, lr0_01))
    assert (row["best"], row["worst"]) == ("feedforward_lr0_01", "feedforward_lr1")
    assert row["best_test"]["correct"] == 10
    assert row["p_value"] < 0.05
    assert (row["reported_best"], row["reported_worst"]) == ("feedforward", "feedforward_lr1")


def test_diverged_run_is_worst_however_accurate() -> None:
    records = all_records(
        record("feedforward_lr1", val=450, metrics=DIVERGED), record("feedforward_lr0_001", val=10)
    )
    row = comparison("learning_rate", records)
    assert (row["best"], row["worst"]) == ("feedforward", "feedforward_lr1")
    assert best_run(records) != "feedforward_lr1"


def test_ties_are_named() -> None:
    row = comparison(
        "learning_rate", correct("val", feedforward=500, feedforward_lr1=331, feedforward_lr0_001=331)
    )
    assert (row["best"], row["best_ties"]) == ("feedforward", [])
    assert (row["worst"], row["worst_ties"]) == ("feedforward_lr1", ["feedforward_lr0_001"])
    equal = comparison("batch_size", all_records())
    assert equal["best"] != equal["worst"]
    assert equal["best_ties"] == ["feedforward_batch1024"]


def test_late_epochs_may_disagree_with_the_last() -> None:
    assert list(late_epochs(np.arange(20.0))) == [18, 19]
    assert len(late_epochs(np.arange(150.0))) == 15
    freak = np.concatenate([np.full(149, 0.7), [0.3]])
    row = comparison(
        "regularization",
        all_records(
            record("feedforward_long", val=210, history={"val_accuracy": freak}),
            record("feedforward_long_l2", history={"val_accuracy": np.full(150, 0.5)}),
            record("feedforward_long_dropout", history={"val_accuracy": np.full(150, 0.6)}),
        ),
    )
    assert (row["worst"], row["late_worst"]) == ("feedforward_long", "feedforward_long_l2")
    assert row["late_best"] == "feedforward_long"


def test_seeds_may_disagree_with_the_first_of_them() -> None:
    small = replicated("feedforward", 500, 400, 420, split="val")
    large = replicated("feedforward_batch1024", 450, 460, 470, split="val")
    row = comparison("batch_size", all_records(small, large))
    assert (row["best"], row["seeds_best"]) == ("feedforward", "feedforward_batch1024")
    large.replicates[1].metrics.update({"diverged": True, "val_accuracy": 0.0})
    assert comparison("batch_size", all_records(small, large))["seeds_worst"] == "feedforward"
    assert comparison("batch_size", all_records(small))["seeds_best"] is None


def test_comparison_of_one_run_has_no_worst() -> None:
    records = all_records()
    del records["feedforward_batch1024"], records["feedforward_long"]
    alone = comparison("batch_size", records)
    assert (alone["best"], alone["worst"], alone["p_value"]) == ("feedforward", None, None)
    assert comparison("regularization", records)["runs"] == [
        "feedforward_long_l2",
        "feedforward_long_dropout",
    ]
    assert not comparisons({})


def test_comparisons_pair_predictions_not_counts() -> None:
    # Nearly as many correct, on other images: many discordant pairs say that it may be chance.
    row = comparison("regularization", all_records(record("feedforward_long", val=401, offset=200)))
    assert row["best"] == "feedforward_long"
    assert row["p_value"] > 0.9


def test_baseline_and_half_width() -> None:
    records = all_records()
    first = next(iter(records.values()))
    first.test_labels[:200] = 1
    first.metrics["full_test_confusion"] = [[300, 200], [100, 400]]
    found = summarize(records, PARAMS, "phantom")
    majority = found["majority"]
    assert (majority["predicted_class"], majority["correct"], majority["balanced_accuracy"]) == (0, 329, 0.5)
    assert (majority["full_test"]["correct"], majority["full_test"]["total"]) == (500, 1000)
    assert found["half_width"] == pytest.approx(0.0425, abs=1e-4)


def keys(results: dict[str, Any]) -> dict[str, set[str]]:
    """The keys of the whole file and of the rows of its tables."""
    tables = {name: set(results[name][0]) for name in ("rows", "comparisons", "audit")}
    return {"file": set(results), "majority": set(results["majority"])} | tables


def test_stage_writes_the_committed_keys_the_same_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed = read_json(RUNS / "results.json")
    monkeypatch.chdir(tmp_path)
    for run, each in all_records().items():
        each.save(paths.record("phantom", run))
    write_json(paths.seeds("phantom"), {"seed": 42, "further": [7]})
    written = []
    for _ in range(2):
        params = PARAMS.model_copy(update={"replicated": []})
        stage_script.run(Stage("results@phantom", "phantom", "", params))
        written.append(paths.results("phantom").read_bytes())
    assert written[0] == written[1]
    found = read_json(paths.results("phantom"))
    assert keys(found) == keys(committed)
    assert found["further_seeds"] == [7]
    assert [row["run"] for row in found["rows"]] == list(EXPERIMENTS)
