import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stages import claims as stage_script

from octrepro.claims import ledger
from octrepro.claims.audit import audit, is_possible, nearest_count
from octrepro.claims.reference import REPORTED, TEST_IMAGES, differing
from octrepro.claims.results import comparisons, results, results_table
from octrepro.core import paths
from octrepro.core.files import read_json, write_json
from octrepro.core.stage import Stage
from tests.claims.synthetic import EXPERIMENTS, PARAMS, TEST, all_records, record

COUNTS = {
    "perceptron": 181,
    "logistic_lr0_01": 306,
    "logistic_lr0_001": 314,
    "mlp": 397,
    "torch_logistic_lr0_01": 328,
    "feedforward": 406,
}


def by_run(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["run"]: row for row in rows}


def test_just_one_of_the_seven_accuracies_is_impossible() -> None:
    rows = audit(all_records(), is_reference_data=True)
    assert [row["run"] for row in rows if not row["possible"]] == ["feedforward_long_dropout"]
    assert {row["run"]: row["nearest_count"] for row in rows if row["possible"]} == COUNTS


@given(st.integers(1, 600), st.data())
def test_every_rounded_share_is_possible(total: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, total))
    printed = f"{count / total:.4f}"
    assert is_possible(printed, total)
    assert nearest_count(printed, total) == count


@given(st.integers(0, 10_000))
def test_possible_is_what_a_search_over_all_counts_finds(ten_thousandths: int) -> None:
    printed = f"{ten_thousandths / 10_000:.4f}"
    found = any(f"{count / TEST_IMAGES:.4f}" == printed for count in range(TEST_IMAGES + 1))
    assert is_possible(printed, TEST_IMAGES) == found


def test_the_reference_data_are_compared_in_images() -> None:
    records = all_records(perceptron=record("perceptron", test=181), mlp=record("mlp", test=397 - 60))
    rows = by_run(audit(records, is_reference_data=True))
    assert (rows["perceptron"]["difference"], rows["perceptron"]["p_value"]) == (0, 1.0)
    assert rows["perceptron"]["beyond_chance"] is False
    assert rows["mlp"]["difference"] == -60
    assert rows["mlp"]["beyond_chance"] is True


def test_other_data_are_not_compared_but_shown() -> None:
    for row in audit(all_records(), is_reference_data=False):
        assert (row["comparable"], row["reason"]) == (False, "other data")
        assert row["difference"] is row["p_value"] is row["beyond_chance"] is None
        assert row["ours_total"] == TEST


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"experiment": {"learning_rate": 0.01}}, "other parameters"),
        ({"metrics": {"test_total": 1000}}, "other test images"),
        ({"metrics": {"diverged": True}}, "diverged"),
    ],
)
def test_a_run_unlike_the_reports_is_not_compared(changed: dict[str, Any], reason: str) -> None:
    rows = by_run(audit(all_records(mlp=record("mlp", **changed)), is_reference_data=True))
    assert rows["mlp"]["reason"] == reason


def test_a_missing_run_is_said_to_be_missing() -> None:
    rows = by_run(audit({}, is_reference_data=True))
    assert rows["mlp"]["reason"] == "not among the runs"
    assert rows["mlp"]["ours_correct"] is None


def test_the_projects_own_parameters_are_the_reports() -> None:
    for run, reported in REPORTED.items():
        assert EXPERIMENTS[run]["model"] == reported.model
        assert differing(EXPERIMENTS[run]) == reported.differing


@pytest.mark.parametrize(
    ("dataset", "source", "comparable"),
    [
        ("octmnist", {"source": "medmnist"}, True),
        ("mine", {"source": "medmnist", "name": "octmnist"}, True),
        ("octmnist", {"source": "medmnist", "name": "pneumoniamnist"}, False),
        ("octmnist", {"source": "file", "path": "x.npz"}, False),
    ],
)
def test_reference_data_are_known_by_their_source(
    dataset: str, source: dict[str, str], comparable: bool
) -> None:
    plain = PARAMS.model_dump()
    params = type(PARAMS).model_validate({**plain, "datasets": {dataset: source}})
    assert results(all_records(), params, dataset)["reference_comparable"] is comparable


def test_the_table_has_each_run_with_intervals_and_reference() -> None:
    records = all_records(
        feedforward_lr1=record("feedforward_lr1", metrics={"diverged": True, "diverged_epoch": 2})
    )
    rows = by_run(results_table(records, PARAMS))
    assert list(rows) == list(EXPERIMENTS)
    row = rows["feedforward_long_dropout"]
    assert row["differing"] == {"epochs": 150, "batch_size": 256, "dropout": 0.2}
    assert row["reported"] == "0.7825"
    assert row["test"]["low"] < row["test"]["accuracy"] < row["test"]["high"]
    assert (row["test"]["correct"], row["test"]["total"]) == (300, 529)
    assert rows["feedforward"]["differing"] == {}
    assert (rows["feedforward_lr1"]["diverged"], rows["feedforward_lr1"]["diverged_epoch"]) == (True, 2)
    assert rows["feedforward_lr1"]["reported"] is None


def test_variants_follow_the_experiments_and_are_marked() -> None:
    params = PARAMS.model_copy(update={"ablation": ["mlp_sd0_1"]})
    variant = params.variants["mlp_sd0_1"].model_dump()
    base = record("mlp", experiment=variant)
    records = all_records() | {"mlp_sd0_1": type(base)(**{**vars(base), "run": "mlp_sd0_1"})}
    row = results_table(records, params)[-1]
    assert (row["run"], row["variant"], row["differing"]) == ("mlp_sd0_1", True, {"init_sd": 0.1})


def test_best_and_worst_are_chosen_by_validation_alone() -> None:
    records = all_records(
        feedforward_lr1=record("feedforward_lr1", val=100, test=500),
        feedforward_lr0_01=record("feedforward_lr0_01", val=500, test=10),
    )
    row = {row["id"]: row for row in comparisons(records)}["learning_rate"]
    assert (row["best"], row["worst"]) == ("feedforward_lr0_01", "feedforward_lr1")
    assert row["best_test"]["correct"] == 10
    assert row["difference"] == 400
    assert row["p_value"] < 0.05
    assert (row["reported_best"], row["reported_worst"]) == ("feedforward", "feedforward_lr1")


def test_comparisons_need_two_runs() -> None:
    records = all_records()
    for run in ("feedforward_batch1024", "feedforward_long"):
        del records[run]
    found = {row["id"]: row["runs"] for row in comparisons(records)}
    assert "batch_size" not in found
    assert found["regularisation"] == ["feedforward_long_l2", "feedforward_long_dropout"]


def test_the_stage_writes_both_files_the_same_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for run, each in all_records().items():
        each.save(paths.record("phantom", run))
    write_json(paths.verification(), {"constructions": [], "separability": {"rows": []}})
    written = []
    for _ in range(2):
        stage_script.run(Stage("claims", "phantom", None, PARAMS))
        written.append([paths.claims("phantom").read_bytes(), paths.results("phantom").read_bytes()])
    assert written[0] == written[1]
    assert [entry["id"] for entry in read_json(paths.claims("phantom"))] == [claim.id for claim in ledger()]
    assert set(json.loads(written[0][1])) == {
        "dataset",
        "reference_comparable",
        "rows",
        "comparisons",
        "audit",
    }


def test_predictions_are_compared_not_counts_alone() -> None:
    # Equally many right, on other images: no difference, and many discordant pairs to say so.
    records = all_records(feedforward_long=record("feedforward_long", val=401, offset=200))
    row = {row["id"]: row for row in comparisons(records)}["regularisation"]
    assert (row["best"], row["difference"]) == ("feedforward_long", 1)
    assert row["p_value"] > np.finfo(float).eps
    assert row["p_value"] > 0.9
