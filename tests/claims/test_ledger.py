"""Every claim, on data that make it hold, fail and stay open: the verdict follows the data."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from octrepro.claims import ledger
from octrepro.claims.claim import Build, Subject
from octrepro.claims.effects import leads
from octrepro.claims.ledger import question_1
from octrepro.core import UserError
from octrepro.core.files import read_json
from octrepro.core.records import RunRecord
from octrepro.results import exclusive_or
from tests.records import PARAMS, ROOT, TEST, VAL, all_records, diverged, judged, record

VERIFICATION = read_json(ROOT / "runs/boolean/verification.json")
SLOW, FAST = "logistic_lr0_001", "logistic_lr0_01"
BATCHES = ("feedforward", "feedforward_batch1024")
RATES = ("feedforward", "feedforward_lr0_01", "feedforward_lr0_001", "feedforward_lr1")
LONG = ("feedforward_long", "feedforward_long_l2", "feedforward_long_dropout")

Records = dict[str, RunRecord]
NOISE = np.random.default_rng(150).standard_normal(150)


def made(runs: Sequence[str], what: Callable[[Any], dict[str, Any]]) -> Callable[..., Records]:
    """Makes all records from one value for each of these runs; `what` says of what of a record it is."""
    return lambda *values: all_records(
        *(record(run, **what(value)) for run, value in zip(runs, values, strict=True))
    )


def images(split: str, *runs: str) -> Callable[..., Records]:
    return made(runs, lambda count: {split: count})


def curves(column: str, *runs: str) -> Callable[..., Records]:
    return made(runs, lambda curve: {"history": {column: curve}})


def metric(name: str, *runs: str) -> Callable[..., Records]:
    return made(runs, lambda value: {"metrics": {name: value}})


def approaching(column: str, *runs: str) -> Callable[..., Records]:
    """Makes all records, the runs given with curves that come to their level at these paces, in epochs."""

    def make(*paces: float) -> Records:
        rest = [np.exp(-np.arange(50) / pace) for pace in paces]
        return curves(column, *runs)(*rest if column.endswith("loss") else (1 - each for each in rest))

    return make


def swinging(column: str, first: str, second: str) -> Callable[..., Records]:
    """Makes all records, the first run's curve moving `share` times as much as the second's."""

    def make(share: float) -> Records:
        # Runs from one seed see the samples in one order: their curves move together.
        together = 0.0475 * NOISE + 0.0155 * NOISE[::-1]
        return curves(column, first, second)(1 + share * together, 1 + 0.05 * NOISE)

    return make


def levelled(share: float, sd: float = 0.01) -> Records:
    """The validation loss with dropout is `share` times the default's."""
    with_dropout = share * (1 + sd * np.roll(NOISE, 40))
    return curves("val_loss", LONG[0], LONG[2])(1 + sd * NOISE, with_dropout)


def long_losses(train_slope: float, val_slope: float) -> Records:
    losses = {
        "train_loss": 1 + train_slope * np.arange(150) + 0.002 * NOISE,
        "val_loss": 1 + val_slope * np.arange(150) + 0.002 * NOISE[::-1],
    }
    return all_records(record("feedforward_long", history=losses))


def low_point(epoch: int) -> Records:
    return curves("train_accuracy", FAST)(np.where(np.arange(1, 51) == epoch, 0.7, 0.8))


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
    "logistic_slow_climbs_more_slowly": (approaching("train_accuracy", SLOW, FAST), ((4, 0.5), (0.5, 4))),
    "logistic_slow_oscillates_less": (swinging("train_accuracy", FAST, SLOW), ((2,), (0.5,), (1,))),
    "logistic_fast_lowest_near_epoch_40": (low_point, ((45,), (34,))),
    "mlp_better_than_logistic": (images("test", "mlp"), ((400,), (260,), (302,))),
    "small_batch_more_accurate": (images("test", "feedforward"), ((330,), (270,), (304,))),
    "small_batch_takes_longer": (metric("updates", *BATCHES), ((64_000, 1000), (100, 1000))),
    "small_batch_noisier": (swinging("val_loss", *BATCHES), ((2,), (0.5,), (1,))),
    "small_batch_generalizes_better": (gaps, ((1100, 1400), (1900, 1400), (1405, 1400))),
    "high_rates_converge_faster": (approaching("train_loss", *RATES[:3]), ((1, 3, 9), (1, 9, 3))),
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
    # Steadying by more than half is not slight.
    "l2_slightly_steadier": (swinging("val_loss", *LONG[1::-1]), ((0.72,), (0.2,), (1,))),
    "l2_smaller_weights": (metric("weight_norm", *LONG[1::-1]), ((9.9, 10), (10, 10))),
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
    found = judged(claim_id, make(*data))
    assert found["verdict"] == verdict
    # Facts have neither a test nor an interval.
    is_tested = found["kind"] == "tested"
    assert is_tested == (found["p_value"] is not None) == (found["effect"]["low"] is not None)


def test_deciding_pair_is_the_surest_not_the_largest_difference() -> None:
    records = images("test", *LONG)(305, 300, 250)
    records[LONG[0]] = record(LONG[0], test=305, offset=250)
    found = judged("dropout_best_test_accuracy", records)
    # 55 images behind the default, mostly other images; 50 behind L2, all discordant pairs on its side.
    assert (found["effect"]["value"], found["evidence"]["only_first"]) == (-50, 0)
    assert "(dropout over L2, the least favorable of 2) is $-50$ images" in found["sentence"]


def test_no_freak_epoch_decides() -> None:
    records = images("val", *LONG)(600, 550, 500)
    records[LONG[0]].history["val_accuracy"][-1] = 0.3
    found = judged("validation_prefers_default", records)
    assert (found["verdict"], found["effect"]["value"]) == ("holds", pytest.approx(24, abs=0.1))
    assert "the default is ahead in 14 of the last 15 epochs and L2 in 1." in found["sentence"]


def test_interval_of_a_lead_covers_the_truth() -> None:
    """Over sets of images and over what the last epochs might as well have been."""
    rng = np.random.default_rng(11)
    epochs, trials, totals, covered = 150, 200, {"val": VAL, "test": TEST}, {"val": 0, "test": 0}
    spread = rng.normal((0.7, 0.65), 0.2, (10**5, 2)).clip(0, 1)
    pair = (Subject("mlp", "the MLP"), Subject(SLOW, "other"))
    for _ in range(trials):
        # Chances of a right answer on each image, and a swing that all images of an epoch share.
        swing = rng.normal(0, 0.03, (epochs, 1, 2))
        val = rng.random((epochs, VAL, 2), dtype=np.float32) < rng.choice(spread, VAL) + swing
        test = rng.random((TEST, 2)) < rng.choice(spread, TEST) + swing[-1]
        records = {}
        for index, each in enumerate(pair):
            run = record(each.run, history={"val_accuracy": val[:, :, index].mean(axis=1)})
            run.val_predictions[:] = ~val[-1, :, index]
            run.test_predictions[:] = ~test[:, index]
            records[each.run] = run
        for split, total in totals.items():
            (found,) = leads([pair], split)(Build(records, {})).parts.values()
            truth = total * float(spread.mean(axis=0) @ (1, -1))
            covered[split] += found.low <= truth <= found.high
    assert min(covered.values()) >= 0.92 * trials


# What verdicts claims have on a construction: that it computes f, that it is robust, and that it is not.
CONSTRUCTIONS = {
    "corrected_relu_robust": ("holds", "holds", "fails"),
    "corrected_relu": ("holds", "fails", "holds"),
    "printed_relu": ("fails", "fails", "holds"),
    None: ("inconclusive", "inconclusive", "inconclusive"),
}
CLAIMS_ON_CONSTRUCTIONS = {
    "printed_sign_computes": ("printed_sign", 0),
    "printed_relu_computes": ("printed_relu", 0),
    "printed_sign_robust_version": ("printed_sign_robust", 1),
    "printed_relu_robust_version": ("printed_relu_robust", 1),
    "printed_sign_not_robust": ("printed_sign", 2),
}


@pytest.mark.parametrize("source", CONSTRUCTIONS)
@pytest.mark.parametrize("claim_id", CLAIMS_ON_CONSTRUCTIONS)
def test_constructions_are_judged_by_their_verification(claim_id: str, source: str | None) -> None:
    name, position = CLAIMS_ON_CONSTRUCTIONS[claim_id]
    # The claim's construction was found to be what another one is, or was not there.
    found = [each | {"name": name} for each in VERIFICATION["constructions"] if each["name"] == source]
    entry = judged(claim_id, {}, VERIFICATION | {"constructions": found})
    assert entry["verdict"] == CONSTRUCTIONS[source][position]


@pytest.mark.parametrize(
    ("a", "separable", "verdict"), [(-1, False, "holds"), (-1, True, "fails"), (-2, True, "inconclusive")]
)
def test_the_counter_example_is_looked_up(a: int, separable: bool, verdict: str) -> None:
    rows = [{"dimension": 2, "A": a, "B": 1, "separable": separable}]
    assert judged("no_single_perceptron", {}, {"separability": {"rows": rows}})["verdict"] == verdict


# Of claims on numerical experiments: what the experiment would give were the claim false.
NUMERICAL: dict[str, tuple[object, str, object]] = {
    "logistic_less_expressive": (exclusive_or, "MULTIPLIERS", np.array([1, 1, 1, 0])),
    "logistic_loss_convex": (question_1, "logistic_hessian", lambda *_: np.diag([-0.1, 1.0])),
    "mlp_loss_not_convex": (exclusive_or, "losses_between_twins", lambda _: np.arange(3)),
}


@pytest.mark.parametrize("claim_id", NUMERICAL)
def test_numerical_claims_follow_their_experiments(monkeypatch: pytest.MonkeyPatch, claim_id: str) -> None:
    assert judged(claim_id, {})["verdict"] == "holds"
    monkeypatch.setattr(*NUMERICAL[claim_id])
    assert judged(claim_id, {})["verdict"] == "fails"


def test_every_claim_is_flipped_above() -> None:
    flipped = {*FLIPS, *CLAIMS_ON_CONSTRUCTIONS, "no_single_perceptron", *NUMERICAL}
    assert sorted(flipped) == sorted(claim.id for claim in ledger())


@pytest.mark.parametrize(
    ("claim_id", "changed", "words"),
    [
        (
            "learning_rate_1_worst",
            diverged(record("feedforward_lr1"), 3),
            "`feedforward_lr1` diverged in epoch 3",
        ),
        (
            "small_batch_more_accurate",
            record("feedforward", experiment={"batch_size": 32}),
            "`feedforward` was run with batch size 32, not 16",
        ),
        ("logistic_slow_oscillates_less", record(FAST, experiment={"epochs": 3}), "3 epochs are too few"),
    ],
)
def test_runs_that_cannot_serve_leave_their_claims_open(
    claim_id: str, changed: RunRecord, words: str
) -> None:
    for records, reason in ((all_records(changed), words), ({}, "is not among the runs")):
        found = judged(claim_id, records)
        assert found["verdict"] == "inconclusive"
        assert reason in found["sentence"]


def test_rejects_runs_of_other_images() -> None:
    other = record(FAST)
    other.test_labels[0] = 1
    with pytest.raises(UserError, match="different test images"):
        judged("logistic_slow_ends_higher", all_records(other))


def test_every_run_that_a_claim_speaks_of_is_trained_from_further_seeds() -> None:
    assert {subject.run for claim in ledger() for subject in claim.subjects} == set(PARAMS.replicated)
    assert PARAMS.replicates_of("phantom") > PARAMS.replicates_of("octmnist") == 0
