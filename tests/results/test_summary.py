"""results.json: rows, best and worst of the comparisons, and the stage that writes it."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from octrepro.core.records import RunRecord
from octrepro.results.summary import best_run, comparisons, summarize
from tests.records import EXPERIMENTS, PARAMS, all_records, diverged, record, replicated

Records = dict[str, RunRecord]
LR1, LR0_01, LR0_001 = "feedforward_lr1", "feedforward_lr0_01", "feedforward_lr0_001"
SMALL, LARGE = "feedforward", "feedforward_batch1024"
LONG, L2, DROPOUT = "feedforward_long", "feedforward_long_l2", "feedforward_long_dropout"
FREAK = np.concatenate([np.full(149, 0.7), [0.3]])


def rows(*changed: RunRecord) -> dict[str, Any]:
    return {row["run"]: row for row in summarize(all_records(*changed), PARAMS, "phantom")["rows"]}


def test_rows_have_every_run_with_intervals_and_reported_accuracy() -> None:
    found = rows(diverged(record(LR1), 2))
    assert list(found) == list(EXPERIMENTS)
    row = found[DROPOUT]
    assert row["differing"] == {"epochs": 150, "batch_size": 256, "dropout": 0.2}
    assert row["label"] == "Feed-forward network, batch 256, 150 epochs, dropout 0.2"
    assert row["reported"] == "0.7825"
    assert (row["comparable"], row["reason"]) == (False, "other data")
    assert row["test"]["low"] < row["test"]["accuracy"] < row["test"]["high"]
    assert (found[LR1]["diverged"], found[LR1]["diverged_epoch"], found[LR1]["reported"]) == (True, 2, None)


def test_variants_and_unknown_models_have_rows_too() -> None:
    params = PARAMS.model_copy(update={"ablation": ["mlp_sd0_1"]})
    variant = record("mlp", experiment=params.variants["mlp_sd0_1"].model_dump())
    toy = record("mlp", experiment={"model": "toy_model"})
    records = all_records(dataclasses.replace(variant, run="mlp_sd0_1"), dataclasses.replace(toy, run="toy"))
    *_, last, unknown = summarize(records, params, "phantom")["rows"]
    assert (last["run"], last["variant"], last["differing"]) == ("mlp_sd0_1", True, {"init_sd": 0.1})
    assert unknown["label"].startswith("Toy model, η = 0.001")
    assert (unknown["reported"], unknown["comparable"]) == (None, False)


def test_recall_and_areas_are_by_class_and_absent_where_there_is_nothing_to_measure() -> None:
    confusion = [[100, 0, 0], [0, 0, 0], [300, 0, 129]]
    areas = {"auc": 0.9, "auc_se": 0.05, "class_auc": [1.0, 0.8, None], "class_auc_se": [0.0, None, None]}
    row = rows(record("mlp", metrics={"confusion": confusion, **areas}))["mlp"]
    first, none, last = row["recall"]
    assert (first["accuracy"], none, last["correct"], last["total"]) == (1, None, 129, 429)
    assert row["balanced_accuracy"]["value"] == pytest.approx((1 + last["accuracy"]) / 2, abs=1e-5)
    assert row["auc"]["low"] < row["auc"]["value"] == 0.9 < row["auc"]["high"]
    assert row["class_auc"] == [*({"value": value, "low": None, "high": None} for value in (1, 0.8)), None]


def test_over_seeds_leaves_out_and_counts_diverged_seeds() -> None:
    large = replicated(LARGE, 300, 300, 310, 301)
    large.replicates[1] = diverged(large.replicates[1], 2)
    found = rows(large)
    over_seeds = found[LARGE]["over_seeds"]
    assert (over_seeds["seeds"], over_seeds["diverged"]) == (3, 1)
    assert over_seeds["test"]["mean"] == pytest.approx(np.mean([300, 300, 301]) / 529, rel=1e-5)
    assert found[SMALL]["over_seeds"] is None


@pytest.mark.parametrize(
    ("question", "records", "expected"),
    [
        pytest.param(
            "2.2b",
            all_records(record(LR1, val=100, test=500), record(LR0_01, val=500, test=10)),
            {"best": LR0_01, "worst": LR1, "reported_best": SMALL, "reported_worst": LR1},
            id="by validation alone",
        ),
        pytest.param(
            "2.2b",
            all_records(diverged(record(LR1, val=450), 2), record(LR0_001, val=10)),
            {"best": SMALL, "best_ties": [LR0_01], "worst": LR1, "worst_ties": []},
            id="a diverged run is worst however accurate",
        ),
        pytest.param(
            "2.2a",
            all_records(),
            {"best": SMALL, "best_ties": [LARGE], "worst": LARGE, "worst_ties": [SMALL], "seeds_best": None},
            id="all equal",
        ),
        pytest.param(
            "2.2c",
            all_records(
                record(LONG, val=210, history={"val_accuracy": FREAK}),
                record(L2, history={"val_accuracy": np.full(150, 0.5)}),
                record(DROPOUT, history={"val_accuracy": np.full(150, 0.6)}),
            ),
            {"worst": LONG, "late_worst": L2, "late_best": LONG},
            id="the last epoch may be untypical",
        ),
        pytest.param(
            "2.2a",
            all_records(
                replicated(SMALL, 500, 400, 420, split="val"), replicated(LARGE, 450, 460, 470, split="val")
            ),
            {"best": SMALL, "seeds_best": LARGE, "seeds_worst": SMALL},
            id="the first seed may be untypical",
        ),
    ],
)
def test_best_and_worst(question: str, records: Records, expected: dict[str, Any]) -> None:
    found = comparisons(records)[question]
    assert {key: found[key] for key in expected} == expected


def test_the_best_of_all_runs_did_not_diverge() -> None:
    finished, failed = record(LR0_01, val=401), diverged(record(LR1, val=450), 2)
    assert best_run(all_records(finished, failed)) == LR0_01
    assert best_run({LR1: failed}) is None


def test_the_whole_build_has_a_baseline_and_a_half_width() -> None:
    records = all_records()
    first = next(iter(records.values()))
    first.test_labels[:329] = 1
    first.metrics["full_test_confusion"] = [[300, 200], [100, 500]]
    found = summarize(records, PARAMS, "phantom")
    majority = found["majority"]
    assert (majority["predicted_class"], majority["correct"], majority["balanced_accuracy"]) == (1, 329, 0.5)
    assert (majority["full_test"]["correct"], majority["full_test"]["total"]) == (600, 1100)
    assert (found["retinal"], found["reference_comparable"]) == (True, False)
    assert found["half_width"] == pytest.approx(0.0425, abs=1e-4)
