"""The audit of the reported accuracies, and what makes a run comparable with the source report's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octrepro.core.records import RunRecord
from octrepro.results.accuracies import audit, is_possible, is_reference_data, nearest_count
from octrepro.study.runs import TEST_IMAGES
from tests.records import PARAMS, all_records, diverged, record


def by_run(records: dict[str, RunRecord], *, is_reference: bool = True) -> dict[str, dict[str, Any]]:
    return {row["run"]: row for row in audit(records, is_reference)}


def test_exactly_one_of_the_seven_accuracies_is_impossible() -> None:
    rows = by_run(all_records())
    assert [run for run, row in rows.items() if not row["possible"]] == ["feedforward_long_dropout"]
    assert len(rows) == 7


@given(st.integers(0, 10_000))
def test_possible_agrees_with_a_search_over_all_counts(ten_thousandths: int) -> None:
    printed = f"{ten_thousandths / 10_000:.4f}"
    found = [count for count in range(TEST_IMAGES + 1) if f"{count / TEST_IMAGES:.4f}" == printed]
    assert is_possible(printed) == bool(found)
    assert not found or nearest_count(printed) in found


def test_reference_data_are_compared_in_images() -> None:
    rows = by_run(all_records(record("perceptron", test=181), record("mlp", test=397 - 60)))
    assert (rows["perceptron"]["difference"], rows["perceptron"]["p_value"]) == (0, 1.0)
    assert rows["perceptron"]["beyond_chance"] is False
    assert (rows["mlp"]["difference"], rows["mlp"]["beyond_chance"]) == (-60, True)


@pytest.mark.parametrize(
    ("mlp", "is_reference", "reason"),
    [
        (record("mlp"), False, "other data"),
        (None, True, "not among the runs"),
        (record("mlp", experiment={"learning_rate": 0.01}), True, "other parameters"),
        (record("mlp", metrics={"test_total": 1000}), True, "other test images"),
        (diverged(record("mlp"), 2), True, "diverged"),
    ],
)
def test_other_data_and_other_runs_are_shown_but_not_compared(
    mlp: RunRecord | None, is_reference: bool, reason: str
) -> None:
    row = by_run({"mlp": mlp} if mlp else {}, is_reference=is_reference)["mlp"]
    assert (row["comparable"], row["reason"]) == (False, reason)
    assert row["ours_correct"] == (300 if mlp else None)
    assert row["difference"] is row["p_value"] is row["beyond_chance"] is None


def test_reference_data_are_known_by_their_source() -> None:
    def is_reference(dataset: str, **source: str) -> bool:
        params = type(PARAMS).model_validate({**PARAMS.model_dump(), "datasets": {dataset: source}})
        return is_reference_data(params, dataset)

    assert is_reference("octmnist", source="medmnist")
    assert is_reference("mine", source="medmnist", name="octmnist")
    assert not is_reference("octmnist", source="medmnist", name="pneumoniamnist")
    assert not is_reference("octmnist", source="file", path="x.npz")
