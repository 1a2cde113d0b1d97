"""The audit of the reported accuracies, and what makes a run comparable with the source report's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octrepro.results.audit import audit, is_possible, is_reference_data, nearest_count
from octrepro.study.runs import RUNS, TEST_IMAGES, deviation
from tests.results.synthetic import EXPERIMENTS, PARAMS, all_records, correct, record

COUNTS = {
    "perceptron": 181,
    "logistic_lr0_01": 306,
    "logistic_lr0_001": 314,
    "mlp": 397,
    "torch_logistic_lr0_01": 328,
    "feedforward": 406,
}


def by_run(records: dict[str, Any], *, is_reference: bool = True) -> dict[str, dict[str, Any]]:
    return {row["run"]: row for row in audit(records, is_reference)}


def test_exactly_one_of_the_seven_accuracies_is_impossible() -> None:
    rows = by_run(all_records())
    assert [run for run, row in rows.items() if not row["possible"]] == ["feedforward_long_dropout"]
    assert {run: row["nearest_count"] for run, row in rows.items() if row["possible"]} == COUNTS


@given(st.integers(0, 10_000))
def test_possible_agrees_with_a_search_over_all_counts(ten_thousandths: int) -> None:
    printed = f"{ten_thousandths / 10_000:.4f}"
    found = [count for count in range(TEST_IMAGES + 1) if f"{count / TEST_IMAGES:.4f}" == printed]
    assert is_possible(printed, TEST_IMAGES) == bool(found)
    assert not found or nearest_count(printed, TEST_IMAGES) in found


def test_reference_data_are_compared_in_images() -> None:
    rows = by_run(correct("test", perceptron=181, mlp=397 - 60))
    assert (rows["perceptron"]["difference"], rows["perceptron"]["p_value"]) == (0, 1.0)
    assert rows["perceptron"]["beyond_chance"] is False
    assert (rows["mlp"]["difference"], rows["mlp"]["beyond_chance"]) == (-60, True)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"experiment": {"learning_rate": 0.01}}, "other parameters"),
        ({"metrics": {"test_total": 1000}}, "other test images"),
        ({"metrics": {"diverged": True}}, "diverged"),
    ],
)
def test_run_unlike_the_source_reports_is_not_compared(changed: dict[str, Any], reason: str) -> None:
    assert by_run(all_records(record("mlp", **changed)))["mlp"]["reason"] == reason


def test_other_data_and_missing_runs_are_shown_but_not_compared() -> None:
    other, missing = by_run(all_records(), is_reference=False)["mlp"], by_run({})["mlp"]
    assert (other["reason"], other["ours_correct"]) == ("other data", 300)
    assert (missing["reason"], missing["ours_correct"]) == ("not among the runs", None)
    for row in (other, missing):
        assert row["comparable"] is False
        assert row["difference"] is row["p_value"] is row["beyond_chance"] is None


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
