"""Every claim, on data that make it hold, fail and stay open: the verdict follows the data."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from octrepro.claims import convexity, judge_all, ledger
from octrepro.claims.claim import Build, Claim, Subject
from octrepro.claims.effects import leads
from octrepro.core import UserError
from octrepro.core.files import read_json
from octrepro.core.records import RunRecord
from octrepro.results import exclusive_or
from tests.claims.judging import entry
from tests.results.synthetic import PARAMS, RUNS, TEST, VAL, all_records, correct, record

VERIFICATION = read_json(Path(__file__).parents[2] / "runs/boolean/verification.json")
SLOW, FAST = "logistic_lr0_001", "logistic_lr0_01"
BATCHES = ("feedforward", "feedforward_batch1024")
RATES = ("feedforward", "feedforward_lr0_01", "feedforward_lr0_001", "feedforward_lr1")
LONG = ("feedforward_long", "feedforward_long_l2", "feedforward_long_dropout")

Records = dict[str, RunRecord]
Curve = NDArray[np.float64]


def images(split: str, *runs: str) -> Callable[..., Records]:
    """Makes all records, the runs given right on so many images of a split."""
    return lambda *counts: correct(split, **dict(zip(runs, counts, strict=True)))


def curves(column: str, *runs: str) -> Callable[..., Records]:
    """Makes all records, the runs given with curves of their own."""
    return lambda *found: all_records(
        *(record(run, history={column: curve}) for run, curve in zip(runs, found, strict=True))
    )


def metric(name: str, *runs: str) -> Callable[..., Records]:
    """Makes all records, the runs given with a metric of their own."""
    return lambda *values: all_records(
        *(record(run, metrics={name: value}) for run, value in zip(runs, values, strict=True))
    )


def noise(epochs: int, sd: float) -> Curve:
    return sd * np.random.default_rng(epochs).standard_normal(epochs)


def low_point(epoch: int) -> Curve:
    return np.where(np.arange(1, 51) == epoch, 0.7, 0.8)


def approach(pace: float, epochs: int) -> Curve:
    return np.exp(-np.arange(epochs) / pace)


def long_losses(train_slope: float, val_slope: float) -> Records:
    losses = {
        "train_loss": 1 + train_slope * np.arange(150) + noise(150, 0.002),
        "val_loss": 1 + val_slope * np.arange(150) + noise(150, 0.002)[::-1],
    }
    return all_records(record("feedforward_long", history=losses))


def swinging(share: float) -> Records:
    """The validation loss with L2 swings `share` times as much as the default's."""
    # Runs from one seed see the samples in one order: their curves move together.
    with_l2 = 1 + share * (0.95 * noise(150, 0.05) + noise(150, 0.0155)[::-1])
    return curves("val_loss", *LONG[:2])(1 + noise(150, 0.05), with_l2)


def levelled(share: float, sd: float = 0.01) -> Records:
    """The validation loss with dropout is `share` times the default's."""
    with_dropout = share * (1 + np.roll(noise(150, sd), 40))
    return curves("val_loss", LONG[0], LONG[2])(1 + noise(150, sd), with_dropout)


def with_classes(each: RunRecord) -> RunRecord:
    """The record with test labels of two classes, so that answering one of them is right on half."""
    swap = np.arange(TEST) % 2
    each.test_labels[:] = swap
    each.test_predictions[:] = (each.test_predictions + swap) % 2
    return each


def gaps(train: int, large_train: int, test: int = 400) -> Records:
    small = record(BATCHES[0], train=train, test=400)
    large = record(BATCHES[1], train=large_train, test=test, offset=100)
    return all_records(with_classes(small), with_classes(large))


# How records are made, and what makes them let the claim hold, fail and stay open.
FLIPS: dict[str, tuple[Callable[..., Records], tuple[Any, ...]]] = {
    "logistic_slow_ends_higher": (images("test", SLOW, FAST), ((330, 300), (300, 330), (303, 300))),
    "logistic_slow_climbs_more_slowly": (
        curves("train_accuracy", SLOW, FAST),
        (
            (0.8 - 0.4 * approach(4, 50), 0.8 - 0.4 * approach(0.5, 50)),
            (0.8 - 0.4 * approach(0.5, 50), 0.8 - 0.4 * approach(4, 50)),
        ),
    ),
    "logistic_slow_oscillates_less": (
        curves("train_accuracy", SLOW, FAST),
        (
            (0.6 + noise(50, 0.005), 0.6 + noise(50, 0.03)[::-1]),
            (0.6 + noise(50, 0.03), 0.6 + noise(50, 0.005)[::-1]),
            (0.6 + noise(50, 0.03), 0.6 + np.roll(noise(50, 0.03), 3)),
        ),
    ),
    "logistic_fast_lowest_near_epoch_40": (
        curves("train_accuracy", FAST),
        ((low_point(45),), (low_point(34),)),
    ),
    "mlp_better_than_logistic": (images("test", "mlp"), ((400,), (260,), (302,))),
    "small_batch_more_accurate": (images("test", "feedforward"), ((330,), (270,), (304,))),
    "small_batch_takes_longer": (metric("updates", *BATCHES), ((64_000, 1000), (100, 1000))),
    "small_batch_noisier": (
        curves("val_loss", *BATCHES),
        (
            (1 + noise(20, 0.1), 1 + noise(20, 0.005)[::-1]),
            (1 + noise(20, 0.005), 1 + noise(20, 0.1)[::-1]),
            (1 + noise(20, 0.1), 1 + np.roll(noise(20, 0.1), 3)),
        ),
    ),
    "small_batch_generalizes_better": (gaps, ((1100, 1400), (1900, 1400), (1405, 1400))),
    "high_rates_converge_faster": (
        curves("train_loss", *RATES[:3]),
        (
            (approach(1, 20), approach(3, 20), approach(9, 20)),
            (approach(1, 20), approach(9, 20), approach(3, 20)),
        ),
    ),
    "learning_rate_0_1_best": (
        images("val", *RATES),
        ((500, 400, 300, 200), (500, 600, 300, 200), (500, 498, 300, 200)),
    ),
    "learning_rate_1_worst": (
        images("val", *RATES),
        ((500, 400, 300, 200), (500, 400, 100, 200), (500, 400, 202, 200)),
    ),
    "learning_rate_0_01_falls_short": (images("test", *RATES[:2]), ((500, 400), (450, 500), (500, 498))),
    "learning_rate_0_001_falls_short": (images("test", *RATES[:3:2]), ((500, 300), (450, 500), (500, 501))),
    "default_overfits": (long_losses, ((-0.004, 0.003), (0.004, -0.003), (0, 0))),
    "l2_slightly_steadier": (swinging, ((0.72,), (2,), (1,))),
    "l2_smaller_weights": (metric("weight_norm", *LONG[1::-1]), ((9.9, 10), (10.1, 10))),
    "dropout_improves_validation_loss": (levelled, ((0.7,), (1.1,), (0.9, 0.1))),
    "dropout_best_test_accuracy": (
        images("test", *LONG),
        ((300, 310, 350), (350, 310, 300), (300, 310, 312)),
    ),
    "validation_prefers_default": (
        images("val", *LONG),
        ((500, 450, 400), (450, 500, 400), (502, 500, 498)),
    ),
}


@pytest.mark.parametrize(
    ("claim_id", "data", "verdict"),
    [
        pytest.param(claim_id, data, verdict, id=f"{claim_id}-{verdict}")
        for claim_id, (_, cases) in FLIPS.items()
        for data, verdict in zip(cases, ("holds", "fails", "inconclusive"), strict=False)
    ],
)
def test_verdict_follows_the_data(claim_id: str, data: tuple[Any, ...], verdict: str) -> None:
    make, _ = FLIPS[claim_id]
    found = entry(claim_id, make(*data))
    assert found["verdict"] == verdict
    assert found["effect"] is not None
    assert all(isinstance(value, (int, float)) for value in found["evidence"].values())


def test_every_claim_on_runs_is_flipped_above() -> None:
    assert set(FLIPS) == {claim.id for claim in ledger() if claim.subjects}


def test_steadying_by_more_than_half_is_not_slight() -> None:
    assert entry("l2_slightly_steadier", swinging(0.2))["verdict"] == "fails"


def test_sentence_gives_the_numbers_of_the_deciding_pair() -> None:
    found = entry("dropout_best_test_accuracy", images("test", *LONG)(300, 310, 350))
    assert found["sentence"].startswith(
        "Dropout classifies 350 of 529 test images correctly and L2 310, in the last epoch (40 images more,"
    )
    assert "Of 2 comparisons this is the least favorable" in found["sentence"]


def test_deciding_pair_is_the_surest_not_the_largest_difference() -> None:
    records = images("test", *LONG)(305, 300, 250)
    records["feedforward_long"] = record("feedforward_long", test=305, offset=250)
    found = entry("dropout_best_test_accuracy", records)
    # 55 images behind the default, mostly other images; 50 behind L2, all discordant pairs on its side.
    assert (found["effect"]["value"], found["evidence"]["only_first"]) == (-50, 0)


def test_rival_ahead_of_a_leader_pays_for_several_comparisons() -> None:
    found = entry("dropout_best_test_accuracy", images("test", *LONG)(300, 310, 305))
    assert found["verdict"] == "inconclusive"
    assert 0.05 < found["p_value"] < 0.1


def test_no_freak_epoch_decides() -> None:
    records = images("val", *LONG)(600, 550, 500)
    records["feedforward_long"].history["val_accuracy"][-1] = 0.3
    found = entry("validation_prefers_default", records)
    assert (found["verdict"], found["effect"]["value"]) == ("holds", pytest.approx(24, abs=0.1))
    assert "the default is ahead in 14 of the last 15 epochs and L2 in 1." in found["sentence"]
    # On the test images the last epoch is all there is: how far the curve moves says how little it decides.
    records = images("test", *LONG)(340, 340, 380)
    steady = entry("dropout_best_test_accuracy", records)
    records["feedforward_long"].history["val_accuracy"] += 0.1 * (-1.0) ** np.arange(150)
    moving = entry("dropout_best_test_accuracy", records)
    assert (steady["verdict"], moving["verdict"]) == ("holds", "inconclusive")
    widths = [found["effect"]["high"] - found["effect"]["low"] for found in (steady, moving)]
    assert widths[1] > 3 * widths[0]


@pytest.mark.parametrize("epochs", [150, 20])
def test_interval_of_a_lead_covers_the_truth(epochs: int) -> None:
    """Over sets of images and over what the last epochs might as well have been."""
    rng = np.random.default_rng(11)
    trials, totals, covered = 200, {"val": VAL, "test": TEST}, {"val": 0, "test": 0}
    spread = rng.normal((0.7, 0.65), 0.2, (10**5, 2)).clip(0, 1)
    pair = (Subject("mlp", "the MLP"), Subject(SLOW, "other"))
    for _ in range(trials):
        # Chances of a right answer on each image, and a swing that all images of an epoch share.
        swing = rng.normal(0, 0.03, (epochs, 1, 2))
        val = rng.random((epochs, VAL, 2), dtype=np.float32) < rng.choice(spread, VAL) + swing
        test = rng.random((TEST, 2)) < rng.choice(spread, TEST) + swing[-1]
        records = {}
        for index, each in enumerate(pair):
            made = record(each.run, history={"val_accuracy": val[:, :, index].mean(axis=1)})
            made.val_predictions[:] = ~val[-1, :, index]
            made.test_predictions[:] = ~test[:, index]
            records[each.run] = made
        for split, total in totals.items():
            (found,) = leads([pair], split)(Build(records, {})).parts.values()
            truth = total * float(spread.mean(axis=0) @ (1, -1))
            covered[split] += found.low <= truth <= found.high
    assert min(covered.values()) >= 0.92 * trials


RIGHT = {
    "verdict": "computes",
    "for_all_dimensions": "proved",
    "mismatches": 0,
    "robust": True,
    "margin": "1/20",
    "first_counterexample": None,
}
FRAGILE = RIGHT | {"robust": False, "margin": "0"}
UNDECIDED = RIGHT | {"for_all_dimensions": "not decided", "evaluated": 1000}
WRONG = FRAGILE | {
    "verdict": "fails",
    "for_all_dimensions": "refuted",
    "mismatches": 3,
    "evaluated": 1000,
    "first_counterexample": {"dimension": 2, "A": -1, "B": 0, "x": [1, -1], "f": 1, "h": -1},
}


@pytest.mark.parametrize(
    ("claim_id", "found", "verdict", "phrase"),
    [
        ("printed_sign_computes", RIGHT, "holds", "for every $D$"),
        ("printed_sign_computes", UNDECIDED, "holds", "correct on all 1,000"),
        ("printed_sign_computes", WRONG, "fails", "wrong on 3 of 1,000"),
        ("printed_sign_not_robust", RIGHT, "fails", "$m = 1/20$"),
        ("printed_sign_not_robust", FRAGILE, "holds", "small step"),
        ("printed_relu_computes", RIGHT, "holds", "correct on every input"),
        ("printed_relu_computes", WRONG, "fails", "$x = (+1, -1)$"),
        ("printed_sign_robust_version", RIGHT, "holds", "$m = 1/20$"),
        ("printed_sign_robust_version", FRAGILE, "fails", "small step"),
        ("printed_relu_robust_version", RIGHT, "holds", "$m = 1/20$"),
        ("printed_relu_robust_version", WRONG, "fails", "3 of 1,000"),
        ("printed_sign_computes", {"name": "gone"}, "inconclusive", "`printed_sign` is not among"),
    ],
)
def test_constructions_are_judged_by_their_verification(
    claim_id: str, found: dict[str, Any], verdict: str, phrase: str
) -> None:
    name = claim_id.removesuffix("_computes").removesuffix("_version").removesuffix("_not_robust")
    constructions = [each | found if each["name"] == name else each for each in VERIFICATION["constructions"]]
    judged = entry(claim_id, {}, VERIFICATION | {"constructions": constructions})
    assert judged["verdict"] == verdict
    assert phrase in judged["sentence"]


def test_the_counter_example_is_looked_up() -> None:
    rows = {
        "holds": [{"dimension": 2, "A": -1, "B": 1, "separable": False}],
        "fails": [{"dimension": 2, "A": -1, "B": 1, "separable": True}],
        "inconclusive": [{"dimension": 2, "A": -2, "B": 2, "separable": True}],
    }
    for verdict, table in rows.items():
        found = entry("no_single_perceptron", {}, {"separability": {"rows": table}})
        assert found["verdict"] == verdict


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


@pytest.mark.parametrize(
    ("claim_id", "changed", "words"),
    [
        (
            "learning_rate_1_worst",
            record("feedforward_lr1", metrics={"diverged": True, "diverged_epoch": 3}),
            "`feedforward_lr1` diverged in epoch 3",
        ),
        (
            "small_batch_more_accurate",
            record("feedforward", experiment={"batch_size": 32}),
            "`feedforward` was run with batch size 32, not 16",
        ),
        ("logistic_slow_oscillates_less", record(FAST, experiment={"epochs": 3}), "3 epochs are too few"),
        ("logistic_fast_lowest_near_epoch_40", record(FAST, experiment={"epochs": 3}), "has 3 epochs"),
        (
            "small_batch_generalizes_better",
            with_classes(record("feedforward", test=270)),
            "always answering the most frequent class",
        ),
    ],
)
def test_runs_that_cannot_serve_leave_their_claims_open(
    claim_id: str, changed: RunRecord, words: str
) -> None:
    found = entry(claim_id, all_records(changed))
    assert found["verdict"] == "inconclusive"
    assert words in found["sentence"]


def test_claim_may_be_about_a_run_of_ones_own() -> None:
    mine, mlp = Subject("mine", "my run"), Subject("mlp", "the MLP")
    claim = Claim("x", "1", "s", leads([(mine, mlp)], "test"), subjects=(mine, mlp))
    own = dataclasses.replace(record("mlp", test=500, experiment={"model": "toy"}), run="mine")
    assert entry(claim, all_records(own))["verdict"] == "holds"


def test_rejects_runs_of_other_images() -> None:
    other = record(FAST)
    other.test_labels[0] = 1
    with pytest.raises(UserError, match="different test images"):
        entry("logistic_slow_ends_higher", all_records(other))


def test_constant_answers_and_equal_answers_are_named() -> None:
    found = entry("small_batch_more_accurate", images("test", *BATCHES)(529, 529))
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
    questions = {"1.1b", "1.2a", "2.2a", "2.2b", "2.2c", "3.1a", "3.1b", "3.1c"}
    assert {claim.question for claim in claims} == questions


def test_entries_are_json_with_the_committed_keys_and_no_test_is_counted_twice() -> None:
    # Learning rates in the source report's order; everything else in some order.
    runs = [run for run in all_records() if run not in RATES] + list(reversed(RATES))
    records = {
        run: record(run, test=100 + 9 * index, val=200 + 11 * index, offset=index**2)
        for index, run in enumerate(runs)
    }
    entries = judge_all(ledger(), Build(records, VERIFICATION))
    json.dumps(entries, allow_nan=False)
    assert [found["id"] for found in entries] == [claim.id for claim in ledger()]
    assert {frozenset(found) for found in entries} == {frozenset(read_json(RUNS / "claims.json")[0])}
    tested = [
        json.dumps(found["evidence"])
        for found in entries
        if found["effect"] and "images classified correctly" in found["effect"]["name"]
    ]
    assert len(set(tested)) == len(tested) == 9
