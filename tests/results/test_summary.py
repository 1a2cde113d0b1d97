"""results.json: rows, best and worst of the comparisons, and the stage that writes it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stages import results as stage_script

from octrepro.core import paths
from octrepro.core.files import read_json, write_json
from octrepro.core.records import RunRecord
from octrepro.results import document
from octrepro.results.document import Comparison, Results, Row, load_results
from octrepro.results.extremes import best_run, comparisons
from octrepro.results.summary import summarize
from octrepro.stage import Stage
from octrepro.study.runs import RUNS
from tests.results.synthetic import EXPERIMENTS, PARAMS, all_records, record, replicated


def rows(records: dict[str, RunRecord]) -> dict[str, Row]:
    return {row["run"]: row for row in summarize(records, PARAMS, "phantom")["rows"]}


def comparison(name: str, **changed: RunRecord) -> Comparison:
    (found,) = (each for each in comparisons(all_records(**changed)) if each["id"] == name)
    return found


def test_rows_have_every_run_with_intervals_and_reported_accuracy() -> None:
    diverged = record("feedforward_lr1", metrics={"diverged": True, "diverged_epoch": 2})
    found = rows(all_records(feedforward_lr1=diverged))
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
    assert found["feedforward_lr1"]["late_val"] is None
    assert found["feedforward_lr1"]["reported"] is None


def test_variants_follow_the_experiments_and_are_marked() -> None:
    params = PARAMS.model_copy(update={"ablation": ["mlp_sd0_1"]})
    base = record("mlp", experiment=params.variants["mlp_sd0_1"].model_dump())
    records = all_records() | {"mlp_sd0_1": dataclasses.replace(base, run="mlp_sd0_1")}
    row = summarize(records, params, "phantom")["rows"][-1]
    assert (row["run"], row["variant"], row["differing"]) == ("mlp_sd0_1", True, {"init_sd": 0.1})


def test_model_unknown_to_the_source_report_has_a_row() -> None:
    toy = dataclasses.replace(record("mlp", experiment={"model": "toy_model"}), run="toy")
    row = rows(all_records() | {"toy": toy})["toy"]
    assert row["label"].startswith("Toy model, η = 0.001")
    assert (row["reported"], row["comparable"]) == (None, False)


def test_late_epochs_are_the_last_tenth() -> None:
    curve = np.concatenate([np.zeros(18), [0.5, 0.7]])
    late = rows(all_records(mlp=record("mlp", history={"val_accuracy": curve})))["mlp"]["late_val"]
    assert late == {"epochs": 2, "mean": 0.6, "low": 0.5, "high": 0.7}


def test_run_that_always_answers_one_class_is_marked() -> None:
    found = rows(all_records(mlp=record("mlp", test=529), perceptron=record("perceptron", val=0)))
    assert found["mlp"]["constant_class"] == {"val": None, "test": 0}
    assert found["perceptron"]["constant_class"] == {"val": 1, "test": None}


def test_recall_is_by_class_and_balanced_accuracy_its_mean() -> None:
    confusion = [[100, 0, 0], [0, 0, 0], [300, 0, 129]]
    row = rows(all_records(mlp=record("mlp", metrics={"confusion": confusion})))["mlp"]
    first, none, last = row["recall"]
    assert first is not None
    assert last is not None
    assert (first["accuracy"], none, last["correct"], last["total"]) == (1, None, 129, 429)
    found = row["balanced_accuracy"]
    assert found["value"] == pytest.approx((1 + last["accuracy"]) / 2, abs=1e-5)
    assert found["low"] is not None
    assert found["high"] is not None
    # Half of what the wider of the two intervals leaves open, at least.
    assert found["value"] - found["low"] >= (last["accuracy"] - last["low"]) / 2
    assert found["value"] < found["high"] <= 1


def test_areas_have_an_interval_where_they_vary() -> None:
    areas = {"auc": 0.9, "auc_se": 0.05, "class_auc": [1.0, 0.8, None], "class_auc_se": [0.0, None, None]}
    none = {"auc": None, "auc_se": None, "class_auc": [None] * 3, "class_auc_se": [None] * 3}
    found = rows(all_records(mlp=record("mlp", metrics=areas), perceptron=record("perceptron", metrics=none)))
    mean = found["mlp"]["auc"]
    assert mean is not None
    assert mean["low"] is not None
    assert mean["high"] is not None
    assert 0.7 < mean["low"] < 0.802  # farther from 0.9 than 1.96 standard errors, unlike the upper end
    assert 0.95 < mean["high"] < 0.998
    assert found["mlp"]["class_auc"] == [
        {"value": 1.0, "low": None, "high": None},
        {"value": 0.8, "low": None, "high": None},
        None,
    ]
    assert (found["perceptron"]["auc"], found["perceptron"]["class_auc"]) == (None, [None] * 3)


def test_over_seeds_leaves_out_and_counts_diverged_seeds() -> None:
    large = replicated("feedforward_batch1024", [300, 310, 301], 300)
    large.replicates[1].metrics.update({"diverged": True, "diverged_epoch": 1})
    found = rows(all_records(feedforward_batch1024=large))
    over_seeds = found["feedforward_batch1024"]["over_seeds"]
    assert over_seeds is not None
    assert (over_seeds["seeds"], over_seeds["diverged"]) == (3, 1)
    assert over_seeds["test"] is not None
    assert over_seeds["test"]["mean"] == pytest.approx(np.mean([300, 300, 301]) / 529, rel=1e-5)
    assert found["feedforward"]["over_seeds"] is None


def test_best_and_worst_are_chosen_by_validation_alone() -> None:
    row = comparison(
        "learning_rate",
        feedforward_lr1=record("feedforward_lr1", val=100, test=500),
        feedforward_lr0_01=record("feedforward_lr0_01", val=500, test=10),
    )
    assert (row["best"], row["worst"]) == ("feedforward_lr0_01", "feedforward_lr1")
    assert row["best_test"]["correct"] == 10
    assert row["difference"] == 400
    assert row["p_value"] is not None
    assert row["p_value"] < 0.05
    assert (row["reported_best"], row["reported_worst"]) == ("feedforward", "feedforward_lr1")
    assert row["labels"]["feedforward_lr1"] == "η = 1"


def test_diverged_run_is_worst_however_accurate() -> None:
    lr1 = record("feedforward_lr1", val=450, metrics={"diverged": True, "diverged_epoch": 3})
    row = comparison(
        "learning_rate", feedforward_lr1=lr1, feedforward_lr0_001=record("feedforward_lr0_001", val=10)
    )
    assert (row["best"], row["worst"]) == ("feedforward", "feedforward_lr1")
    assert best_run(all_records(feedforward_lr1=lr1)) != "feedforward_lr1"


def test_ties_are_named() -> None:
    row = comparison(
        "learning_rate",
        feedforward=record("feedforward", val=500),
        feedforward_lr1=record("feedforward_lr1", val=331),
        feedforward_lr0_001=record("feedforward_lr0_001", val=331),
    )
    assert (row["best"], row["best_ties"]) == ("feedforward", [])
    assert (row["worst"], row["worst_ties"]) == ("feedforward_lr1", ["feedforward_lr0_001"])
    equal = comparison("batch_size")
    assert equal["best"] != equal["worst"]
    assert equal["best_ties"] == ["feedforward_batch1024"]


def test_late_epochs_may_disagree_with_the_last() -> None:
    freak = np.concatenate([np.full(149, 0.7), [0.3]])
    row = comparison(
        "regularization",
        feedforward_long=record("feedforward_long", val=210, history={"val_accuracy": freak}),
        feedforward_long_l2=record("feedforward_long_l2", history={"val_accuracy": freak * 0 + 0.5}),
        feedforward_long_dropout=record(
            "feedforward_long_dropout", history={"val_accuracy": freak * 0 + 0.6}
        ),
    )
    assert (row["worst"], row["late_worst"]) == ("feedforward_long", "feedforward_long_l2")
    assert row["late_best"] == "feedforward_long"


def test_seeds_may_disagree_with_the_first_of_them() -> None:
    def seeds(run: str, own: int, *further: int) -> RunRecord:
        replicates = {seed: record(run, val=count) for seed, count in enumerate(further)}
        return dataclasses.replace(record(run, val=own), replicates=replicates)

    small, large = seeds("feedforward", 500, 400, 420), seeds("feedforward_batch1024", 450, 460, 470)
    row = comparison("batch_size", feedforward=small, feedforward_batch1024=large)
    assert (row["best"], row["seeds_best"]) == ("feedforward", "feedforward_batch1024")
    large.replicates[1].metrics.update({"diverged": True, "val_accuracy": 0.0})
    assert comparison("batch_size", feedforward=small, feedforward_batch1024=large)["seeds_worst"] == (
        "feedforward"
    )
    assert comparison("batch_size", feedforward=small)["seeds_best"] is None


def test_comparison_of_one_run_has_no_worst() -> None:
    records = all_records()
    for run in ("feedforward_batch1024", "feedforward_long", "torch_logistic_lr0_1"):
        del records[run]
    found = {row["id"]: row for row in comparisons(records)}
    assert found["regularization"]["runs"] == ["feedforward_long_l2", "feedforward_long_dropout"]
    alone = found["batch_size"]
    assert (alone["best"], alone["worst"], alone["p_value"]) == ("feedforward", None, None)
    assert not comparisons({})


def test_comparisons_pair_predictions_not_counts() -> None:
    # Equally many correct, on other images: no difference, and many discordant pairs to say so.
    row = comparison("regularization", feedforward_long=record("feedforward_long", val=401, offset=200))
    assert (row["best"], row["difference"]) == ("feedforward_long", 1)
    assert row["p_value"] is not None
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


def keys(kind: type) -> set[str]:
    return set(kind.__annotations__) | {
        key for base in kind.__mro__ for key in vars(base).get("__annotations__", {})
    }


def test_stage_writes_the_documented_keys_the_same_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for run, each in all_records().items():
        each.save(paths.record("phantom", run))
    write_json(paths.seeds("phantom"), {"seed": 42, "further": [7]})
    params = PARAMS.model_copy(update={"replicated": []})
    written = []
    for _ in range(2):
        stage_script.run(Stage("results", "phantom", None, params))
        written.append(paths.results("phantom").read_bytes())
    assert written[0] == written[1]
    found: Any = load_results("phantom")
    assert found == read_json(paths.results("phantom"))
    assert set(found) == keys(Results)
    assert found["further_seeds"] == [7]
    assert {frozenset(row) for row in found["rows"]} == {frozenset(keys(Row))}
    assert {frozenset(row) for row in found["comparisons"]} == {frozenset(keys(Comparison))}
    assert {frozenset(row) for row in found["audit"]} == {frozenset(keys(document.AuditRow))}
    assert [row["run"] for row in found["rows"]] == list(RUNS)
