"""Question 2.2c: overfitting over 150 epochs, and two remedies."""

from __future__ import annotations

import numpy as np

from octrepro.claims.claim import Case, Claim, Effect, Finding, Need, Verdict
from octrepro.claims.comparisons import MCNEMAR, ahead_of_all, compare, p_text, scientific
from octrepro.claims.seeds import Region
from octrepro.claims.statistics.series import level_ratio, oscillation_ratio, slope
from octrepro.results.estimate import ALPHA, Estimate
from octrepro.results.proportions import PairedComparison

_LONG = {"model": "feedforward", "batch_size": 256, "epochs": 150}
DEFAULT = Need("feedforward_long", "the default", {**_LONG, "dropout": 0.0, "l2_decay": 0.0})
L2 = Need("feedforward_long_l2", "L2", {**_LONG, "dropout": 0.0, "l2_decay": 0.0001})
DROPOUT = Need("feedforward_long_dropout", "dropout", {**_LONG, "dropout": 0.2, "l2_decay": 0.0})
RUNS = (DEFAULT, L2, DROPOUT)

# The validation loss counts as no longer falling when it falls at less than this share of the training
# loss's pace.
STALLED = 0.1
# "Slightly" steadier: less oscillation, but not less than this share of it.
SLIGHT = 0.5
# "Markedly" better: at least a tenth off the validation loss.
MARKED = 0.9


def _overfits(case: Case) -> Finding:
    train, val = (slope(case.curve(DEFAULT.run, column)) for column in ("train_loss", "val_loss"))
    val_loss = case.curve(DEFAULT.run, "val_loss")
    lowest = int(np.argmin(val_loss))
    return Finding(
        _overfitting(train, val),
        {
            "train_slope": train.value,
            "train_low": train.low,
            "train_high": train.high,
            "val_slope": val.value,
            "val_low": val.low,
            "val_high": val.high,
            "lowest_epoch": lowest + 1,
            "lowest_val_loss": float(val_loss[lowest]),
            "final_val_loss": float(val_loss[-1]),
        },
        Effect.of("slope of the validation loss over the second half", val, "nats per epoch"),
        "slopes through block means of the second half of the epochs, 95 % t intervals",
        {
            "train": _slope_text(train),
            "val": _slope_text(val),
            "train_direction": _direction(train),
            "val_direction": _direction(val),
        },
    )


def _overfitting(train: Estimate, val: Estimate) -> Verdict:
    if train.above(0):
        return Verdict.FAILS
    if not train.below(0):
        return Verdict.INCONCLUSIVE
    stalled = STALLED * train.value
    if val.above(stalled):
        return Verdict.HOLDS
    return Verdict.FAILS if val.below(stalled) else Verdict.INCONCLUSIVE


def _pace_left(case: Case) -> float:
    """By how much the validation loss falls more slowly than what still counts as falling."""
    train, val = (slope(case.curve(DEFAULT.run, column)) for column in ("train_loss", "val_loss"))
    return val.value - STALLED * train.value


def _slope_text(trend: Estimate) -> str:
    return f"{scientific(trend.value)} ({scientific(trend.low)} to {scientific(trend.high)})"


def _direction(trend: Estimate) -> str:
    if trend.above(0):
        return "rises"
    return "falls" if trend.below(0) else "has no clear trend"


def _l2_slightly_steadier(case: Case) -> Finding:
    ratio = oscillation_ratio(case.curve(L2.run, "val_loss"), case.curve(DEFAULT.run, "val_loss"))
    if ratio.below(1) and ratio.above(SLIGHT):
        verdict = Verdict.HOLDS
    elif ratio.above(1) or ratio.below(SLIGHT):
        verdict = Verdict.FAILS
    else:
        verdict = Verdict.INCONCLUSIVE
    return Finding(
        verdict,
        _ratio_evidence(ratio),
        Effect.of("ratio of the standard deviations of epoch-to-epoch differences", ratio, "times"),
        "block jackknife of the log ratio, 95 % interval, second half of the epochs",
    )


def _dropout_improves_loss(case: Case) -> Finding:
    ratio = level_ratio(case.curve(DROPOUT.run, "val_loss"), case.curve(DEFAULT.run, "val_loss"))
    if ratio.below(MARKED):
        verdict = Verdict.HOLDS
    elif ratio.above(MARKED):
        verdict = Verdict.FAILS
    else:
        verdict = Verdict.INCONCLUSIVE
    return Finding(
        verdict,
        _ratio_evidence(ratio),
        Effect.of("ratio of the validation losses", ratio, "times"),
        "block means of the log ratio over the second half of the epochs, 95 % t interval",
    )


def _ratio_evidence(ratio: Estimate) -> dict[str, float | int | None]:
    return {"ratio": ratio.value, "ratio_low": ratio.low, "ratio_high": ratio.high}


def _dropout_best_on_test(case: Case) -> Finding:
    return ahead_of_all(case, DROPOUT, (DEFAULT, L2), "test")


def _pairs_in_order(case: Case) -> dict[str, PairedComparison]:
    return {
        f"{first.label} and {second.label}": compare(case.records, first.run, second.run, "val")
        for first, second in ((DEFAULT, L2), (DEFAULT, DROPOUT), (L2, DROPOUT))
    }


def _smallest_lead(case: Case) -> float:
    return min(pair.difference for pair in _pairs_in_order(case).values())


def _validation_order(case: Case) -> Finding:
    """The default above L2 and dropout, and L2 above dropout: three comparisons."""
    pairs = _pairs_in_order(case)
    reversed_pairs = [
        pair for pair in pairs.values() if pair.p_value < ALPHA / len(pairs) and pair.difference < 0
    ]
    if reversed_pairs:
        verdict = Verdict.FAILS
    elif all(pair.p_value < ALPHA and pair.difference > 0 for pair in pairs.values()):
        verdict = Verdict.HOLDS
    else:
        verdict = Verdict.INCONCLUSIVE
    total = case.records[DEFAULT.run].metrics["val_total"]
    correct = {need.label: case.records[need.run].metrics["val_correct"] for need in RUNS}
    ends = pairs[f"{DEFAULT.label} and {DROPOUT.label}"]
    return Finding(
        verdict,
        {
            "default_correct": correct[DEFAULT.label],
            "l2_correct": correct[L2.label],
            "dropout_correct": correct[DROPOUT.label],
            "total": total,
            "default_less_dropout": ends.difference,
            "default_less_dropout_low": ends.low,
            "default_less_dropout_high": ends.high,
            **{f"p_{name.replace(' ', '_')}": pair.p_value for name, pair in pairs.items()},
        },
        Effect(
            "validation images classified right, the default less dropout",
            ends.difference,
            "images",
            ends.low,
            ends.high,
        ),
        f"{MCNEMAR}, for each pair (to hold: all; to fail: any, Bonferroni)",
        {
            "best": max(correct, key=lambda label: correct[label]),
            "worst": min(correct, key=lambda label: correct[label]),
            "pairs": ", ".join(f"{name} {p_text(pair.p_value)}" for name, pair in pairs.items()),
        },
    )


_SLOPES = (
    "over the second half of the epochs the training loss changes per epoch by {train} and the validation "
    "loss by {val} (95 % intervals), so that the first {train_direction} and the second {val_direction}; the "
    "validation loss is lowest in epoch {lowest_epoch}, at {lowest_val_loss:.3f}, and ends at "
    "{final_val_loss:.3f}"
)
_STEADINESS = (
    "with L2 the validation loss moves {ratio:.2f} times as much from epoch to epoch as without (95 % "
    "interval {ratio_low:.2f} to {ratio_high:.2f})"
)
_LEVELS = (
    "over the second half of the epochs the validation loss with dropout is {ratio:.2f} times the default's "
    "(95 % interval {ratio_low:.2f} to {ratio_high:.2f})"
)
_ORDER = (
    "of {total} validation images the default classifies {default_correct} right, L2 {l2_correct} and "
    "dropout {dropout_correct} (exact McNemar tests: {pairs})"
)

CLAIMS = (
    Claim(
        id="default_overfits",
        question="2.2c",
        statement="The default network overfits: its training loss keeps falling while its validation loss "
        "does not.",
        reference="The training loss of the default is said to go on falling after the validation loss has "
        "nearly stopped.",
        pages="9 to 10",
        needs=(DEFAULT,),
        judge=_overfits,
        over_seeds=Region(
            above=0,
            measure=_pace_left,
            name="slope of the validation loss beyond a tenth of the training loss's",
            unit="nats per epoch",
        ),
        holds=f"It overfits: {_SLOPES}.",
        fails=f"It does not overfit: {_SLOPES}.",
        inconclusive=f"Whether it overfits is within chance: {_SLOPES}.",
    ),
    Claim(
        id="l2_slightly_steadier",
        question="2.2c",
        statement="L2 regularisation steadies the validation loss, but only slightly: by less than half.",
        reference="L2 is said to have steadied the validation loss slightly, and no more.",
        pages="10",
        needs=(DEFAULT, L2),
        judge=_l2_slightly_steadier,
        over_seeds=Region(above=SLIGHT, below=1, ratio=True),
        holds=f"L2 steadies it slightly: {_STEADINESS}.",
        fails=f"The effect of L2 is another: {_STEADINESS}.",
        inconclusive=f"A slight steadying is not told from chance: {_STEADINESS}.",
    ),
    Claim(
        id="dropout_improves_validation_loss",
        question="2.2c",
        statement="Dropout improves the validation loss markedly: by a tenth or more.",
        reference="Dropout is said to have improved the performance significantly.",
        pages="10",
        needs=(DEFAULT, DROPOUT),
        judge=_dropout_improves_loss,
        over_seeds=Region(below=MARKED, ratio=True),
        holds=f"It improves it markedly: {_LEVELS}.",
        fails=f"It does not improve it markedly: {_LEVELS}.",
        inconclusive=f"Whether it improves it by a tenth is within chance: {_LEVELS}.",
    ),
    Claim(
        id="dropout_best_test_accuracy",
        question="2.2c",
        statement="Of the three long runs, the one with dropout has the best test accuracy.",
        reference="The best test accuracy of all, 0.7825, is reported for dropout 0.2.",
        pages="10",
        needs=RUNS,
        judge=_dropout_best_on_test,
        over_seeds=Region(above=0),
        holds="It has the best: even against the closest rival, {counts} ({tested}).",
        fails="It has not: {counts} ({tested}).",
        inconclusive="Whether it has the best is within chance: {counts} ({tested}).",
    ),
    Claim(
        id="validation_prefers_default",
        question="2.2c",
        statement="By validation accuracy the default is the best of the three long runs and dropout the "
        "worst.",
        reference="The default is called the best configuration and dropout the worst, although dropout has "
        "the best test accuracy.",
        pages="9 to 10",
        needs=RUNS,
        judge=_validation_order,
        over_seeds=Region(
            above=0,
            measure=_smallest_lead,
            name="smallest lead of the order's three pairs",
            unit="validation images",
        ),
        holds=f"That is the order: {_ORDER}.",
        fails=f"That is not the order: {_ORDER}.",
        inconclusive="The order is within chance, with {best} nominally best and {worst} worst: "
        f"{_ORDER}.",
    ),
)
