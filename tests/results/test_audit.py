"""The audit of the reported accuracies, and what makes a run comparable with the source report's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octrepro.results.audit import audit, is_possible, is_reference_data, nearest_count
from octrepro.results.document import AuditRow
from octrepro.study.runs import RUNS, TEST_IMAGES, deviation
from tests.results.synthetic import EXPERIMENTS, PARAMS, TEST, all_records, record

COUNTS = {
    "perceptron": 181,
    "logistic_lr0_01": 306,
    "logistic_lr0_001": 314,
    "mlp": 397,
    "torch_logistic_lr0_01": 328,
    "feedforward": 406,
}


def by_run(rows: Sequence[AuditRow]) -> dict[str, AuditRow]:
    return {row["run"]: row for row in rows}


def test_exactly_one_of_the_seven_accuracies_is_impossible() -> None:
    rows = audit(all_records(), is_reference=True)
    assert [row["run"] for row in rows if not row["possible"]] == ["feedforward_long_dropout"]
    assert {row["run"]: row["nearest_count"] for row in rows if row["possible"]} == COUNTS


@given(st.integers(1, 600), st.data())
def test_every_rounded_share_is_possible(total: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, total))
    printed = f"{count / total:.4f}"
    assert is_possible(printed, total)
    assert nearest_count(printed, total) == count


@given(st.integers(0, 10_000))
def test_possible_agrees_with_a_search_over_all_counts(ten_thousandths: int) -> None:
    printed = f"{ten_thousandths / 10_000:.4f}"
    found = any(f"{count / TEST_IMAGES:.4f}" == printed for count in range(TEST_IMAGES + 1))
    assert is_possible(printed, TEST_IMAGES) == found


def test_reference_data_are_compared_in_images() -> None:
    records = all_records(perceptron=record("perceptron", test=181), mlp=record("mlp", test=397 - 60))
    rows = by_run(audit(records, is_reference=True))
    assert (rows["perceptron"]["difference"], rows["perceptron"]["p_value"]) == (0, 1.0)
    assert rows["perceptron"]["beyond_chance"] is False
    assert rows["mlp"]["difference"] == -60
    assert rows["mlp"]["beyond_chance"] is True


def test_other_data_are_shown_but_not_compared() -> None:
    for row in audit(all_records(), is_reference=False):
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
def test_run_unlike_the_source_reports_is_not_compared(changed: dict[str, Any], reason: str) -> None:
    rows = by_run(audit(all_records(mlp=record("mlp", **changed)), is_reference=True))
    assert rows["mlp"]["reason"] == reason


def test_missing_run_is_reported_as_missing() -> None:
    rows = by_run(audit({}, is_reference=True))
    assert rows["mlp"]["reason"] == "not among the runs"
    assert rows["mlp"]["ours_correct"] is None


def test_shipped_parameters_are_the_protocols() -> None:
    assert list(EXPERIMENTS) == list(RUNS)
    for run, experiment in EXPERIMENTS.items():
        assert deviation(run, experiment) is None
        assert experiment.items() >= RUNS[run].parameters.items()


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
    params = type(PARAMS).model_validate({**PARAMS.model_dump(), "datasets": {dataset: source}})
    assert is_reference_data(params, dataset) is comparable
