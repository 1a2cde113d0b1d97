"""Every claim, on data that make it hold, fail and stay open: the verdict follows the data."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from octrepro.claims import convexity, judge_all, ledger
from octrepro.claims.claim import Build, Claim, Subject
from octrepro.claims.effect import Region
from octrepro.claims.entries import Entry
from octrepro.claims.leads import Split, leads
from octrepro.core import UserError
from octrepro.core.records import RunRecord
from octrepro.results import exclusive_or
from tests.claims.judging import Series, curves, entry, noise
from tests.claims.made import PARAMS, TEST, VAL, all_records, record, with_correct

SLOW, FAST = "logistic_lr0_001", "logistic_lr0_01"


def correct(split: str, **counts: int) -> dict[str, RunRecord]:
    """All records, some runs correct on so many images of a split."""
    return all_records(**{run: with_correct(run, split, count) for run, count in counts.items()})


def with_low_point(epoch: int, depth: float) -> dict[str, RunRecord]:
    accuracy = np.full(50, 0.8)
    accuracy[epoch - 1] -= depth
    return curves(logistic_lr0_01__train_accuracy=accuracy, logistic_lr0_01__val_accuracy=accuracy)


def updates(small: int) -> dict[str, RunRecord]:
    return all_records(feedforward=record("feedforward", metrics={"updates": small}))


def with_classes(each: RunRecord) -> RunRecord:
    """The record with test labels of two classes, so that answering one of them is right on half."""
    swap = np.arange(TEST) % 2
    each.test_labels[:] = swap
    each.test_predictions[:] = (each.test_predictions + swap) % 2
    return each


def gaps(train: int, large_train: int, test: int = 400) -> dict[str, RunRecord]:
    return all_records(
        feedforward=with_classes(record("feedforward", train=train, test=400)),
        feedforward_batch1024=with_classes(
            record("feedforward_batch1024", train=large_train, test=test, offset=100)
        ),
    )


def rates(
    split: str = "val", lr1: int = 200, best: int = 500, lr0_01: int = 400, lr0_001: int = 300
) -> dict[str, RunRecord]:
    return correct(
        split, feedforward_lr1=lr1, feedforward=best, feedforward_lr0_01=lr0_01, feedforward_lr0_001=lr0_001
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


def climbing(slow: float, fast: float) -> dict[str, RunRecord]:
    """Accuracies that climb from 0.4 to 0.8 at different paces."""
    paces = {"logistic_lr0_001__train_accuracy": slow, "logistic_lr0_01__train_accuracy": fast}
    return curves(**{name: 0.8 - 0.4 * np.exp(-np.arange(50) / pace) for name, pace in paces.items()})


def norms(with_l2: float) -> dict[str, RunRecord]:
    return all_records(feedforward_long_l2=record("feedforward_long_l2", metrics={"weight_norm": with_l2}))


def falling(best: float, small: float, smallest: float) -> dict[str, RunRecord]:
    """Training losses that fall at different paces."""
    paces = {"feedforward": best, "feedforward_lr0_01": small, "feedforward_lr0_001": smallest}
    return curves(**{f"{run}__train_loss": np.exp(-np.arange(20) / pace) for run, pace in paces.items()})


def oscillating(slow: Series, fast: Series) -> dict[str, RunRecord]:
    return curves(logistic_lr0_001__train_accuracy=0.6 + slow, logistic_lr0_01__train_accuracy=0.6 + fast)


FLIPS: dict[str, dict[str, dict[str, RunRecord]]] = {
    "logistic_slow_ends_higher": {
        "holds": correct("test", **{SLOW: 330, FAST: 300}),
        "fails": correct("test", **{SLOW: 300, FAST: 330}),
        "inconclusive": correct("test", **{SLOW: 303, FAST: 300}),
    },
    "logistic_slow_climbs_more_slowly": {"holds": climbing(4, 0.5), "fails": climbing(0.5, 4)},
    "logistic_slow_oscillates_less": {
        "holds": oscillating(noise(50, 0.005), noise(50, 0.03)[::-1]),
        "fails": oscillating(noise(50, 0.03), noise(50, 0.005)[::-1]),
        "inconclusive": oscillating(noise(50, 0.03), np.roll(noise(50, 0.03), 3)),
    },
    "logistic_fast_lowest_near_epoch_40": {
        "holds": with_low_point(45, 0.1),
        "fails": with_low_point(34, 0.1),
    },
    "mlp_better_than_logistic": {
        "holds": correct("test", mlp=400),
        "fails": correct("test", mlp=260),
        "inconclusive": correct("test", mlp=302),
    },
    "small_batch_more_accurate": {
        "holds": correct("test", feedforward=330),
        "fails": correct("test", feedforward=270),
        "inconclusive": correct("test", feedforward=304),
    },
    "small_batch_takes_longer": {"holds": updates(64_000), "fails": updates(100)},
    "small_batch_noisier": {
        "holds": curves(
            feedforward__val_loss=1 + noise(20, 0.1),
            feedforward_batch1024__val_loss=1 + noise(20, 0.005)[::-1],
        ),
        "fails": curves(
            feedforward__val_loss=1 + noise(20, 0.005),
            feedforward_batch1024__val_loss=1 + noise(20, 0.1)[::-1],
        ),
        "inconclusive": curves(
            feedforward__val_loss=1 + noise(20, 0.1),
            feedforward_batch1024__val_loss=1 + np.roll(noise(20, 0.1), 3),
        ),
    },
    "high_rates_converge_faster": {"holds": falling(1, 3, 9), "fails": falling(1, 9, 3)},
    "small_batch_generalizes_better": {
        "holds": gaps(1100, 1400),
        "fails": gaps(1900, 1400),
        "inconclusive": gaps(1405, 1400),
    },
    "learning_rate_0_1_best": {
        "holds": rates(),
        "fails": rates(lr0_01=600),
        "inconclusive": rates(lr0_01=498),
    },
    "learning_rate_1_worst": {
        "holds": rates(),
        "fails": rates(lr0_001=100),
        "inconclusive": rates(lr0_001=202),
    },
    "learning_rate_0_01_falls_short": {
        "holds": rates("test"),
        "fails": rates("test", best=450, lr0_01=500),
        "inconclusive": rates("test", lr0_01=498),
    },
    "learning_rate_0_001_falls_short": {
        "holds": rates("test"),
        "fails": rates("test", best=450, lr0_001=500),
        "inconclusive": rates("test", lr0_001=501),
    },
    "default_overfits": {
        "holds": long_losses(-0.004, 0.003),
        "fails": long_losses(0.004, -0.003),
        "inconclusive": long_losses(0, 0),
    },
    "l2_slightly_steadier": {"holds": swinging(0.72), "fails": swinging(2), "inconclusive": swinging(1)},
    "l2_smaller_weights": {"holds": norms(9.9), "fails": norms(10.1)},
    "dropout_improves_validation_loss": {
        "holds": levelled(0.7),
        "fails": levelled(1.1),
        "inconclusive": levelled(0.9, sd=0.1),
    },
    "dropout_best_test_accuracy": {
        "holds": long_runs("test", 300, 310, 350),
        "fails": long_runs("test", 350, 310, 300),
        "inconclusive": long_runs("test", 300, 310, 312),
    },
    "validation_prefers_default": {
        "holds": long_runs("val", 500, 450, 400),
        "fails": long_runs("val", 450, 500, 400),
        "inconclusive": long_runs("val", 502, 500, 498),
    },
}


@pytest.mark.parametrize(
    ("claim_id", "verdict"), [(claim_id, verdict) for claim_id, flips in FLIPS.items() for verdict in flips]
)
def test_verdict_follows_the_data(claim_id: str, verdict: str) -> None:
    found = entry(claim_id, FLIPS[claim_id][verdict])
    assert found["verdict"] == verdict
    assert found["effect"] is not None
    assert all(isinstance(value, (int, float)) for value in found["evidence"].values())


def test_every_claim_on_runs_is_flipped_above() -> None:
    assert set(FLIPS) == {claim.id for claim in ledger() if claim.subjects}


def test_sentence_gives_the_numbers_of_the_deciding_pair() -> None:
    sentence = entry("dropout_best_test_accuracy", long_runs("test", 300, 310, 350))["sentence"]
    assert sentence.startswith(
        "Dropout classifies 350 of 529 test images correctly and L2 310, in the last epoch (40 images more,"
    )
    assert "Of 2 comparisons this is the least favorable" in sentence


def test_deciding_pair_is_the_surest_not_the_largest_difference() -> None:
    records = long_runs("test", 305, 300, 250)
    records["feedforward_long"] = record("feedforward_long", test=305, offset=250)
    found = entry("dropout_best_test_accuracy", records)
    # 55 images behind the default, mostly other images; 50 behind L2, all discordant pairs on its side.
    assert (found["effect"]["value"], found["evidence"]["only_first"]) == (-50, 0)


def test_rival_ahead_of_a_leader_pays_for_several_comparisons() -> None:
    found = entry("dropout_best_test_accuracy", long_runs("test", 300, 310, 305))
    assert found["verdict"] == "inconclusive"
    assert 0.05 < found["p_value"] < 0.1


def test_late_epochs_decide_where_the_last_one_is_a_freak() -> None:
    records = long_runs("val", 600, 550, 500)
    assert entry("validation_prefers_default", records)["verdict"] == "holds"
    records["feedforward_long"].history["val_accuracy"][-1] = 0.3
    found = entry("validation_prefers_default", records)
    assert (found["verdict"], found["effect"]["value"]) == ("holds", pytest.approx(24, abs=0.1))
    assert "the default is ahead in 14 of the last 15 epochs and L2 in 1." in found["sentence"]
    # On the test images the last epoch is all there is: how far the curve moves says how little it decides.
    records = long_runs("test", 340, 340, 380)
    assert entry("dropout_best_test_accuracy", records)["verdict"] == "holds"
    records["feedforward_long"].history["val_accuracy"] += 0.1 * (-1.0) ** np.arange(150)
    assert entry("dropout_best_test_accuracy", records)["verdict"] == "inconclusive"


def test_a_curve_that_moves_widens_the_interval_of_a_lead() -> None:
    records = long_runs("val", 550, 550, 500)
    steady = entry("validation_prefers_default", records)["effect"]
    records["feedforward_long"].history["val_accuracy"] += 0.1 * (-1.0) ** np.arange(150)
    moving = entry("validation_prefers_default", records)["effect"]
    assert moving["high"] - moving["low"] > 5 * (steady["high"] - steady["low"])


@pytest.mark.parametrize(("split", "epochs"), [("val", 150), ("val", 20), ("test", 150), ("test", 20)])
def test_interval_of_a_lead_covers_the_truth(split: Split, epochs: int) -> None:
    """Over sets of images and over what the last epochs might as well have been."""
    rng = np.random.default_rng(11)
    covered, trials, images = 0, 200, {"val": VAL, "test": TEST}
    spread = rng.normal((0.7, 0.65), 0.2, (10**5, 2)).clip(0, 1)
    for _ in range(trials):
        # Chances of a right answer on each image, and a swing that all images of an epoch share.
        swing = rng.normal(0, 0.03, (epochs, 1, 2))
        answers = {
            name: rng.random((epochs, count, 2)) < rng.choice(spread, count) + swing
            for name, count in images.items()
        }
        records = {}
        for index, run in enumerate(("mlp", SLOW)):
            curve = answers["val"][:, :, index].mean(axis=1)
            records[run] = record(run, history={"val_accuracy": curve})
            records[run].val_predictions[:] = ~answers["val"][-1, :, index]
            records[run].test_predictions[:] = ~answers["test"][-1, :, index]
        effect = leads([(Subject("mlp", "the MLP"), Subject(SLOW, "other"))], split)(Build(records, {}))
        truth = images[split] * float(spread.mean(axis=0) @ (1, -1))
        covered += effect.parts[0].low <= truth <= effect.parts[0].high
    assert covered >= 0.92 * trials


def test_generalizing_needs_runs_that_beat_the_majority() -> None:
    found = entry("small_batch_generalizes_better", gaps(1900, 1200, test=270))
    assert found["verdict"] == "inconclusive"
    assert "always answering the most frequent class" in found["sentence"]


def construction(name: str, mismatches: int = 0, robust: bool = True, proof: str = "") -> dict[str, Any]:
    counterexample = {"dimension": 2, "A": -1, "B": 0, "x": [1, -1], "f": 1, "h": -1}
    return {
        "name": name,
        "verdict": "fails" if mismatches else "computes",
        "for_all_dimensions": proof or ("refuted" if mismatches else "proved"),
        "mismatches": mismatches,
        "evaluated": 1000,
        "robust": robust and not mismatches,
        "margin": "1/20" if robust and not mismatches else "0",
        "first_counterexample": counterexample if mismatches else None,
    }


@pytest.mark.parametrize(
    ("claim_id", "name", "changes", "verdict", "phrase"),
    [
        ("printed_sign_computes", "printed_sign", {}, "holds", "for every $D$"),
        ("printed_sign_computes", "printed_sign", {"proof": "not decided"}, "holds", "correct on all 1,000"),
        ("printed_sign_computes", "printed_sign", {"mismatches": 3}, "fails", "wrong on 3 of 1,000"),
        ("printed_sign_not_robust", "printed_sign", {}, "fails", "$m = 1/20$"),
        ("printed_sign_not_robust", "printed_sign", {"robust": False}, "holds", "small step"),
        ("printed_relu_computes", "printed_relu", {}, "holds", "correct on every input"),
        ("printed_relu_computes", "printed_relu", {"mismatches": 3}, "fails", "$x = (+1, -1)$"),
        ("printed_sign_robust_version", "printed_sign_robust", {}, "holds", "$m = 1/20$"),
        ("printed_sign_robust_version", "printed_sign_robust", {"robust": False}, "fails", "small step"),
        ("printed_relu_robust_version", "printed_relu_robust", {}, "holds", "$m = 1/20$"),
        (
            "printed_relu_robust_version",
            "printed_relu_robust",
            {"mismatches": 9, "robust": False},
            "fails",
            "9 of 1,000",
        ),
    ],
)
def test_constructions_are_judged_by_their_verification(
    claim_id: str, name: str, changes: dict[str, Any], verdict: str, phrase: str
) -> None:
    found = entry(claim_id, {}, {"max_dimension": 12, "constructions": [construction(name, **changes)]})
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
    monkeypatch.setattr(exclusive_or, "MULTIPLIERS", np.array([1, 1, 1, 0]))
    assert entry("logistic_less_expressive", {})["verdict"] == "fails"
    monkeypatch.setattr(exclusive_or, "linear_models_as_networks", lambda points: (26, 27))
    assert entry("logistic_less_expressive", {})["verdict"] == "inconclusive"
    monkeypatch.setattr(convexity, "smallest_curvature", lambda: (-0.1, 1.0, 100))
    assert entry("logistic_loss_convex", {})["verdict"] == "fails"
    monkeypatch.setattr(exclusive_or, "losses_between_twins", lambda positions: np.array([0.2, 0.3, 0.4]))
    assert entry("mlp_loss_not_convex", {})["verdict"] == "inconclusive"


def test_missing_runs_leave_their_claims_open() -> None:
    for claim in (claim for claim in ledger() if claim.subjects):
        found = entry(claim, {})
        assert found["verdict"] == "inconclusive"
        assert f"`{claim.subjects[0].run}` is not among the runs" in found["sentence"]
        assert (found["evidence"], found["effect"], found["p_value"]) == ({}, None, None)


def test_diverged_run_leaves_its_claims_open() -> None:
    metrics = {"diverged": True, "diverged_epoch": 3}
    records = all_records(feedforward_lr1=record("feedforward_lr1", metrics=metrics))
    assert "`feedforward_lr1` diverged in epoch 3" in entry("learning_rate_1_worst", records)["sentence"]


def test_run_with_other_parameters_is_not_the_claims_run() -> None:
    records = all_records(feedforward=record("feedforward", experiment={"batch_size": 32}))
    found = entry("small_batch_more_accurate", records)
    assert "`feedforward` was run with batch size 32, not 16" in found["sentence"]


def test_claim_may_be_about_a_run_of_ones_own() -> None:
    mine, mlp = Subject("mine", "my run"), Subject("mlp", "the MLP")
    claim = Claim("x", "1", "s", leads([(mine, mlp)], "test"), Region(above=0), subjects=(mine, mlp))
    own = dataclasses.replace(record("mlp", test=500, experiment={"model": "toy"}), run="mine")
    assert entry(claim, all_records() | {"mine": own})["verdict"] == "holds"


def test_too_few_epochs_leave_claims_on_curves_open() -> None:
    records = all_records(**{run: record(run, experiment={"epochs": 3}) for run in (SLOW, FAST)})
    assert "3 epochs are too few" in entry("logistic_slow_oscillates_less", records)["sentence"]
    assert "has 3 epochs" in entry("logistic_fast_lowest_near_epoch_40", records)["sentence"]


def test_steadying_by_more_than_half_is_not_slight() -> None:
    assert entry("l2_slightly_steadier", swinging(0.2))["verdict"] == "fails"


def test_rejects_runs_of_other_images() -> None:
    other = record(FAST)
    other.test_labels[0] = 1
    with pytest.raises(UserError, match="different test images"):
        entry("logistic_slow_ends_higher", all_records(**{FAST: other}))


def test_constant_answers_and_equal_answers_are_named() -> None:
    found = entry("small_batch_more_accurate", correct("test", feedforward_batch1024=529, feedforward=529))
    assert "batch size 1024 (which gives every image the same class) 529" in found["sentence"]
    assert "The two give the same answers." in found["sentence"]


def test_every_run_that_a_claim_speaks_of_is_trained_from_further_seeds() -> None:
    assert {subject.run for claim in ledger() for subject in claim.subjects} == set(PARAMS.replicated)
    assert PARAMS.replicates_of("phantom") > PARAMS.replicates_of("octmnist") == 0


def test_claims_are_complete_and_those_of_ours_come_last() -> None:
    claims = ledger()
    assert len({claim.id for claim in claims}) == len(claims)
    for claim in claims:
        assert claim.statement
        assert bool(claim.source) == bool(claim.pages)
        assert claim.source or claim.definition
    assert [claim.id for claim in claims if not claim.source] == [claims[-1].id]
    assert {claim.question for claim in claims} == {
        "1.1b", "1.2a", "2.2a", "2.2b", "2.2c", "3.1a", "3.1b", "3.1c",
    }  # fmt: skip


def test_no_test_is_counted_twice() -> None:
    # Learning rates in the source report's order; everything else in some order.
    order = {"feedforward": 40, "feedforward_lr0_01": 30, "feedforward_lr0_001": 20, "feedforward_lr1": 10}
    records = {
        run: record(
            run, test=100 + 9 * order.get(run, index), val=200 + 11 * order.get(run, index), offset=index
        )
        for index, run in enumerate(all_records())
    }
    entries = judge_all(ledger(), Build(records, {"constructions": [], "separability": {"rows": []}}))
    tested = [
        json.dumps(found["evidence"])
        for found in entries
        if found["effect"] and "images classified correctly" in found["effect"]["name"]
    ]
    assert len(set(tested)) == len(tested) == 9


def test_entries_have_the_contracts_keys_and_are_json() -> None:
    build = Build(all_records(), {"constructions": [], "separability": {"rows": []}})
    entries = judge_all(ledger(), build)
    assert [found["id"] for found in entries] == [claim.id for claim in ledger()]
    assert all(set(found) == Entry.__required_keys__ for found in entries)
    json.dumps(entries, allow_nan=False)
