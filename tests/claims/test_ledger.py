"""Every claim, on data that make it hold, fail and stay open: the verdict and the words follow the data."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from octrepro.claims import Case, Claim, Finding, Verdict, convexity, expressiveness, judge, ledger
from octrepro.core import UserError
from octrepro.core.records import RunRecord
from tests.claims.judging import entry
from tests.results.synthetic import TRAIN, all_records, record, with_correct

Series = NDArray[np.float64]
SLOW, FAST = "logistic_lr0_001", "logistic_lr0_01"


def noise(epochs: int, sd: float) -> Series:
    return sd * np.random.default_rng(epochs).standard_normal(epochs)


def climb(epochs: int, pace: float, sd: float = 0.001) -> Series:
    """An accuracy that climbs from 0.4 to 0.8 and keeps a little noise."""
    return 0.8 - 0.4 * np.exp(-np.arange(epochs) / pace) + noise(epochs, sd)


def curves(**histories: Series) -> dict[str, RunRecord]:
    """All records, some runs with curves of their own: `run__column=curve`."""
    runs: dict[str, dict[str, Series]] = {}
    for name, curve in histories.items():
        run, column = name.split("__")
        runs.setdefault(run, {})[column] = curve
    return all_records(**{run: record(run, history=history) for run, history in runs.items()})


def correct(split: str, **counts: int) -> dict[str, RunRecord]:
    """All records, some runs right on so many images of a split."""
    return all_records(**{run: with_correct(run, split, count) for run, count in counts.items()})


def with_low_point(epoch: int, depth: float) -> dict[str, RunRecord]:
    accuracy = np.full(50, 0.8)
    accuracy[epoch - 1] -= depth
    return curves(logistic_lr0_01__train_accuracy=accuracy, logistic_lr0_01__val_accuracy=accuracy)


def costs(small_updates: int, small_adds: int) -> dict[str, RunRecord]:
    return all_records(
        feedforward=record("feedforward", metrics={"updates": small_updates, "multiply_adds": small_adds})
    )


def gaps(train: int, large_train: int) -> dict[str, RunRecord]:
    return all_records(
        feedforward=record("feedforward", train=train),
        feedforward_batch1024=record("feedforward_batch1024", train=large_train),
    )


def rates(lr1: int = 200, best: int = 500, lr0_01: int = 400, lr0_001: int = 300) -> dict[str, RunRecord]:
    return correct(
        "val", feedforward_lr1=lr1, feedforward=best, feedforward_lr0_01=lr0_01, feedforward_lr0_001=lr0_001
    )


def long_losses(train_slope: float, val_slope: float, sd: float = 0.002) -> dict[str, RunRecord]:
    epochs = np.arange(150)
    return curves(
        feedforward_long__train_loss=1 + train_slope * epochs + noise(150, sd),
        feedforward_long__val_loss=1 + val_slope * epochs + noise(150, sd)[::-1],
    )


def swinging(share: float) -> dict[str, RunRecord]:
    """The validation loss with L2 swings `share` times as much as the default's."""
    return curves(
        feedforward_long__val_loss=1 + noise(150, 0.05),
        # Runs from one seed see the samples in one order: their curves move together.
        feedforward_long_l2__val_loss=1 + share * (0.95 * noise(150, 0.05) + noise(150, 0.0155)[::-1]),
    )


def levelled(share: float, sd: float = 0.01) -> dict[str, RunRecord]:
    return curves(
        feedforward_long__val_loss=1 + noise(150, sd),
        feedforward_long_dropout__val_loss=share * (1 + np.roll(noise(150, sd), 40)),
    )


def long_runs(split: str, default: int, l2: int, dropout: int) -> dict[str, RunRecord]:
    return correct(split, feedforward_long=default, feedforward_long_l2=l2, feedforward_long_dropout=dropout)


FLIPS: dict[str, dict[str, tuple[dict[str, RunRecord], str]]] = {
    "logistic_slow_ends_higher": {
        "holds": (correct("test", **{SLOW: 330, FAST: 300}), "does end higher"),
        "fails": (correct("test", **{SLOW: 300, FAST: 330}), "ends lower"),
        "inconclusive": (correct("test", **{SLOW: 303, FAST: 300}), "within chance"),
    },
    "logistic_slow_climbs_more_slowly": {
        "holds": (
            curves(
                logistic_lr0_001__train_accuracy=climb(50, 4), logistic_lr0_01__train_accuracy=climb(50, 0.5)
            ),
            "does climb more slowly",
        ),
        "fails": (
            curves(
                logistic_lr0_001__train_accuracy=climb(50, 0.5), logistic_lr0_01__train_accuracy=climb(50, 4)
            ),
            "climbs faster",
        ),
        "inconclusive": (
            curves(
                logistic_lr0_001__train_accuracy=climb(50, 4), logistic_lr0_01__train_accuracy=climb(50, 4)
            ),
            "Neither step",
        ),
    },
    "logistic_slow_oscillates_less": {
        "holds": (
            curves(
                logistic_lr0_001__train_accuracy=climb(50, 2, 0.005),
                logistic_lr0_01__train_accuracy=climb(50, 2, 0.03)[::-1],
            ),
            "is the steadier one",
        ),
        "fails": (
            curves(
                logistic_lr0_001__train_accuracy=0.6 + noise(50, 0.03),
                logistic_lr0_01__train_accuracy=0.6 + noise(50, 0.005)[::-1],
            ),
            "the less steady one",
        ),
        "inconclusive": (
            curves(
                logistic_lr0_001__train_accuracy=0.6 + noise(50, 0.03),
                logistic_lr0_01__train_accuracy=0.6 + np.roll(noise(50, 0.03), 3),
            ),
            "Neither step is clearly",
        ),
    },
    "logistic_fast_lowest_near_epoch_40": {
        "holds": (with_low_point(42, 0.1), "does lie near epoch 40"),
        "fails": (with_low_point(20, 0.1), "lies elsewhere"),
        "inconclusive": (with_low_point(42, 0.01), "not set apart"),
    },
    "mlp_better_than_logistic": {
        "holds": (correct("test", mlp=400), "It shows on the images"),
        "fails": (correct("test", mlp=260), "does not show"),
        "inconclusive": (correct("test", mlp=302), "within chance"),
    },
    "small_batch_more_accurate": {
        "holds": (correct("test", feedforward=330), "The small batch does better"),
        "fails": (correct("test", feedforward=270), "The small batch does worse"),
        "inconclusive": (correct("test", feedforward=304), "within chance"),
    },
    "small_batch_takes_longer": {
        "holds": (costs(64_000, 10**9), "It does take longer"),
        "fails": (costs(1000, 10**9), "does not take longer"),
        "inconclusive": (costs(64_000, 10**8), "The two costs disagree"),
    },
    "small_batch_generalises_better": {
        "holds": (gaps(1100, 1400), "smaller gap:"),
        "fails": (gaps(1900, 1400), "larger gap"),
        "inconclusive": (gaps(1405, 1400), "within chance"),
    },
    "learning_rate_0_1_best": {
        "holds": (rates(), "It is the best"),
        "fails": (rates(lr0_01=600), "It is not the best:"),
        "inconclusive": (rates(lr0_01=498), "is within chance"),
    },
    "learning_rate_1_worst": {
        "holds": (rates(), "It is the worst"),
        "fails": (rates(lr0_001=100), "It is not the worst:"),
        "inconclusive": (rates(lr0_001=202), "is within chance"),
    },
    "learning_rate_0_01_falls_short": {
        "holds": (rates(), "falls short of the best rate"),
        "fails": (rates(lr0_01=600), "itself the best"),
        "inconclusive": (rates(lr0_01=498), "Its distance"),
    },
    "learning_rate_0_001_falls_short": {
        "holds": (rates(), "falls short of the best rate"),
        "fails": (rates(lr0_001=600), "itself the best"),
        "inconclusive": (rates(lr0_001=501), "Its distance"),
    },
    "default_overfits": {
        "holds": (long_losses(-0.004, 0.003), "It overfits"),
        "fails": (long_losses(-0.004, -0.003), "It does not overfit"),
        "inconclusive": (long_losses(0, 0), "within chance"),
    },
    "l2_slightly_steadier": {
        "holds": (swinging(0.72), "steadies it slightly"),
        "fails": (swinging(2), "is another"),
        "inconclusive": (swinging(1), "not told from chance"),
    },
    "dropout_improves_validation_loss": {
        "holds": (levelled(0.7), "It improves it markedly"),
        "fails": (levelled(1.1), "does not improve it markedly"),
        "inconclusive": (levelled(0.9, sd=0.1), "within chance"),
    },
    "dropout_best_test_accuracy": {
        "holds": (long_runs("test", 300, 310, 350), "It has the best"),
        "fails": (long_runs("test", 350, 310, 300), "It has not:"),
        "inconclusive": (long_runs("test", 300, 310, 312), "is within chance"),
    },
    "validation_prefers_default": {
        "holds": (long_runs("val", 500, 450, 400), "That is the order"),
        "fails": (long_runs("val", 450, 500, 400), "That is not the order"),
        "inconclusive": (long_runs("val", 502, 500, 498), "the default nominally best and dropout worst"),
    },
}


@pytest.mark.parametrize(
    ("claim_id", "verdict"), [(claim_id, verdict) for claim_id, flips in FLIPS.items() for verdict in flips]
)
def test_verdict_and_words_follow_the_data(claim_id: str, verdict: str) -> None:
    records, phrase = FLIPS[claim_id][verdict]
    found = entry(claim_id, records)
    assert found["verdict"] == verdict
    assert phrase in found["sentence"]
    others = [other for name, (_, other) in FLIPS[claim_id].items() if name != verdict]
    assert not any(other in found["sentence"] for other in others)
    assert found["effect"] is not None
    assert all(isinstance(value, (int, float)) for value in found["evidence"].values())


def test_a_rival_ahead_at_five_percent_alone_is_told_with_the_level_it_misses() -> None:
    found = entry("dropout_best_test_accuracy", long_runs("test", 300, 310, 304))
    assert found["verdict"] == "inconclusive"
    assert 0.025 < found["evidence"]["p_value"] < 0.05
    assert "with 2 rivals, failing takes less than 0.025" in found["sentence"]


def test_every_claim_on_runs_is_flipped_above() -> None:
    assert set(FLIPS) == {claim.id for claim in ledger() if claim.needs}


def construction(name: str, mismatches: int = 0, robust: bool = True) -> dict[str, Any]:
    counterexample = {"dimension": 2, "A": -1, "B": 0, "x": [1, -1], "f": 1, "h": -1}
    return {
        "name": name,
        "mismatches": mismatches,
        "evaluated": 1000,
        "max_dimension": 12,
        "robust": robust,
        "robust_radius_value": 0.05 if robust else 0.0,
        "first_counterexample": counterexample if mismatches else None,
    }


@pytest.mark.parametrize(
    ("claim_id", "name", "changes", "verdict", "phrase"),
    [
        ("printed_sign_computes", "printed_sign", {}, "holds", "It does: right on all 1,000"),
        ("printed_sign_computes", "printed_sign", {"mismatches": 3}, "fails", "wrong on 3 of 1,000"),
        ("printed_sign_not_robust", "printed_sign", {}, "fails", "It is robust"),
        ("printed_sign_not_robust", "printed_sign", {"robust": False}, "holds", "It is not robust"),
        ("printed_relu_computes", "printed_relu", {}, "holds", "It does"),
        ("printed_relu_computes", "printed_relu", {"mismatches": 3}, "fails", "$x = (+1, -1)$"),
        ("printed_sign_robust_version", "printed_sign_robust", {}, "holds", "below 0.05"),
        ("printed_sign_robust_version", "printed_sign_robust", {"robust": False}, "fails", "small step"),
        ("printed_relu_robust_version", "printed_relu_robust", {}, "holds", "It is:"),
        (
            "printed_relu_robust_version",
            "printed_relu_robust",
            {"mismatches": 9, "robust": False},
            "fails",
            "9 of",
        ),
    ],
)
def test_constructions_are_judged_by_their_verification(
    claim_id: str, name: str, changes: dict[str, Any], verdict: str, phrase: str
) -> None:
    found = entry(claim_id, {}, {"constructions": [construction(name, **changes)]})
    assert found["verdict"] == verdict
    assert phrase in found["sentence"]


def test_a_construction_that_is_gone_leaves_its_claim_open() -> None:
    found = entry("printed_sign_computes", {}, {"constructions": []})
    assert found["verdict"] == "inconclusive"
    assert found["sentence"] == "This cannot be judged here: `printed_sign` is not among the constructions."


@pytest.mark.parametrize(("separable", "verdict"), [(False, "holds"), (True, "fails")])
def test_the_counter_example_is_looked_up(separable: bool, verdict: str) -> None:
    rows = [
        {"dimension": 2, "A": -1, "B": 1, "separable": separable},
        {"dimension": 2, "A": -2, "B": 2, "separable": True},
    ]
    assert entry("no_single_perceptron", {}, {"separability": {"rows": rows}})["verdict"] == verdict
    without = entry("no_single_perceptron", {}, {"separability": {"rows": rows[1:]}})
    assert without["verdict"] == "inconclusive"


def test_numerical_claims_follow_their_experiments(monkeypatch: pytest.MonkeyPatch) -> None:
    for claim_id in ("logistic_less_expressive", "logistic_loss_convex", "mlp_loss_not_convex"):
        assert entry(claim_id, {})["verdict"] == "holds"
    monkeypatch.setattr(expressiveness, "MULTIPLIERS", np.array([1, 1, 1, 0]))
    assert entry("logistic_less_expressive", {})["verdict"] == "fails"
    monkeypatch.setattr(expressiveness, "linear_models_as_networks", lambda points: (26, 27))
    assert entry("logistic_less_expressive", {})["verdict"] == "inconclusive"
    monkeypatch.setattr(convexity, "smallest_curvature", lambda: (-0.1, 1.0, 100))
    assert "deny" in entry("logistic_loss_convex", {})["sentence"]
    monkeypatch.setattr(convexity, "mlp_segment", lambda: (0.2, 0.4, 0.3))
    assert entry("mlp_loss_not_convex", {})["verdict"] == "inconclusive"


def test_missing_runs_leave_their_claims_open() -> None:
    for claim in (claim for claim in ledger() if claim.needs):
        found = judge(claim, Case({}, {}))
        assert found["verdict"] == "inconclusive"
        assert found["reason"] == f"`{claim.needs[0].run}` is not among the runs"
        assert found["evidence"] == {}


def test_a_diverged_run_leaves_its_claims_open() -> None:
    metrics = {"diverged": True, "diverged_epoch": 3}
    records = all_records(feedforward_lr1=record("feedforward_lr1", metrics=metrics))
    assert "`feedforward_lr1` diverged in epoch 3" in entry("learning_rate_1_worst", records)["sentence"]
    # It is no rival either: the other small rate is judged without it.
    assert entry("learning_rate_0_01_falls_short", records)["evidence"]["total"] == 700


def test_a_run_with_other_parameters_is_not_the_claims_run() -> None:
    records = all_records(feedforward=record("feedforward", experiment={"batch_size": 32}))
    found = entry("small_batch_more_accurate", records)
    assert found["reason"] == "`feedforward` was run with batch size 32, not 16"


def test_too_few_epochs_leave_claims_on_curves_open() -> None:
    short = {"epochs": 3}
    records = all_records(
        **{run: record(run, experiment=short) for run in (SLOW, FAST)},
    )
    assert "3 epochs are too few" in entry("logistic_slow_oscillates_less", records)["sentence"]
    assert "has 3 epochs" in entry("logistic_fast_lowest_near_epoch_40", records)["sentence"]


def test_overfitting_counts_a_stalled_validation_loss_but_not_a_growing_training_loss() -> None:
    assert entry("default_overfits", long_losses(-0.004, 0.0))["verdict"] == "holds"
    assert entry("default_overfits", long_losses(0.004, 0.004))["verdict"] == "fails"


def test_l2_steadying_by_more_than_half_is_not_slight() -> None:
    assert entry("l2_slightly_steadier", swinging(0.2))["verdict"] == "fails"


def test_runs_of_other_images_are_refused() -> None:
    other = record(FAST)
    other.test_labels[0] = 1
    with pytest.raises(UserError, match="different test images"):
        entry("logistic_slow_ends_higher", all_records(**{FAST: other}))


def test_low_points_are_counted_in_images() -> None:
    evidence = entry("logistic_fast_lowest_near_epoch_40", with_low_point(42, 0.1))["evidence"]
    assert (evidence["inside_correct"], evidence["outside_correct"]) == (1400, 1600)
    assert (evidence["lowest_epoch"], evidence["total"]) == (42, TRAIN)


def test_registered_claims_are_complete_and_named_once() -> None:
    claims = ledger()
    assert len({claim.id for claim in claims}) == len(claims) == 26
    assert {claim.question for claim in claims} == {
        "1.1b", "1.2a", "2.2a", "2.2b", "2.2c", "3.1a", "3.1b", "3.1c",
    }  # fmt: skip
    for claim in claims:
        assert all((claim.statement, claim.reference, claim.pages, claim.holds))


def test_entries_are_the_same_json_every_time() -> None:
    case = Case(all_records(), {"constructions": [], "separability": {"rows": []}})
    first, second = (json.dumps([judge(claim, case) for claim in ledger()]) for _ in range(2))
    assert first == second


def test_evidence_is_rounded_and_never_infinite() -> None:
    def predicate(case: Case) -> Finding:
        return Finding(Verdict.HOLDS, {"third": 1 / 3, "endless": math.inf, "zero": -0.0}, None, "none")

    claim = Claim("x", "1", "s", "r", "1", predicate, holds="So it is: {third:.2f}.")
    found = judge(claim, Case({}, {}))
    assert json.dumps(found["evidence"]) == '{"third": 0.333333, "endless": null, "zero": 0.0}'
    assert found["sentence"] == "So it is: 0.33."


def test_a_verdict_without_a_sentence_is_an_error() -> None:
    claim = Claim("x", "1", "s", "r", "1", lambda case: Finding(Verdict.FAILS, {}, None, ""), holds="Yes.")
    with pytest.raises(ValueError, match="no sentence for the verdict fails"):
        judge(claim, Case({}, {}))


def test_needs_are_runs_of_params() -> None:
    needs = {need.run for claim in ledger() for need in claim.needs}
    assert needs <= set(all_records())


def test_a_run_that_answers_the_same_for_every_image_is_said_to() -> None:
    records = correct("test", feedforward=330, feedforward_batch1024=529)
    assert (
        "batch size 1024 (which gives every image the same class) 529"
        in entry("small_batch_more_accurate", records)["sentence"]
    )
    assert "is no sign of generalising" in entry("small_batch_generalises_better", records)["sentence"]


def test_the_runs_behind_the_evidence_are_named_in_order() -> None:
    assert entry("learning_rate_1_worst", rates(lr0_001=100))["compared"] == [
        "feedforward_lr0_001", "feedforward_lr1",
    ]  # fmt: skip
