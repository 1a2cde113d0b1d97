"""Question 1.1b: logistic regression from scratch at two learning rates."""

from __future__ import annotations

import numpy as np

from octrepro.claims.claim import Case, Claim, Effect, Finding, Need, Verdict
from octrepro.claims.comparisons import better, p_text
from octrepro.claims.seeds import Region
from octrepro.claims.statistics.series import oscillation, oscillation_ratio, settling
from octrepro.results.estimate import ALPHA, UndeterminedError
from octrepro.results.proportions import fisher

SLOW = Need(
    "logistic_lr0_001",
    r"logistic regression at $\eta = 0.001$",
    {"model": "logistic_regression", "learning_rate": 0.001},
)
FAST = Need(
    "logistic_lr0_01",
    r"logistic regression at $\eta = 0.01$",
    {"model": "logistic_regression", "learning_rate": 0.01},
)
# "Near epoch 40": how many epochs to either side still count as near.
LOW_EPOCH, NEAR = 40, 5


def _ends_higher(case: Case) -> Finding:
    return better(case, SLOW, FAST, "test")


def _climbs_more_slowly(case: Case) -> Finding:
    slow_from, slow_to = settling(case.curve(SLOW.run, "train_accuracy"))
    fast_from, fast_to = settling(case.curve(FAST.run, "train_accuracy"))
    if slow_from > fast_to:
        verdict = Verdict.HOLDS
    elif slow_to < fast_from:
        verdict = Verdict.FAILS
    else:
        verdict = Verdict.INCONCLUSIVE
    return Finding(
        verdict,
        {"slow_from": slow_from, "slow_to": slow_to, "fast_from": fast_from, "fast_to": fast_to},
        Effect(
            "later settling of the training accuracy",
            slow_to - fast_to,
            "epochs",
            slow_from - fast_to,
            slow_to - fast_from,
        ),
        "epochs between entering and attaining the settled level (mean of the second half, two standard "
        "deviations below it), disjoint or not",
    )


def _oscillates_less(case: Case) -> Finding:
    slow, fast = (case.curve(need.run, "train_accuracy") for need in (SLOW, FAST))
    ratio = oscillation_ratio(fast, slow)
    if ratio.above(1):
        verdict = Verdict.HOLDS
    elif ratio.below(1):
        verdict = Verdict.FAILS
    else:
        verdict = Verdict.INCONCLUSIVE
    points = {"slow_points": 100 * oscillation(slow), "fast_points": 100 * oscillation(fast)}
    return Finding(
        verdict,
        points | {"ratio": ratio.value, "ratio_low": ratio.low, "ratio_high": ratio.high},
        Effect.of("ratio of the standard deviations of epoch-to-epoch differences", ratio, "times"),
        "block jackknife of the log ratio, 95 % interval, second half of the epochs",
    )


def _lowest_near_40(case: Case) -> Finding:
    curve = case.curve(FAST.run, "train_accuracy")
    if len(curve) < LOW_EPOCH + NEAR:
        raise UndeterminedError(
            f"`{FAST.run}` has {len(curve)} epochs, and the claim is about epochs {LOW_EPOCH - NEAR} "
            f"to {LOW_EPOCH + NEAR}"
        )
    total = case.records[FAST.run].metrics["train_total"]
    near = np.abs(np.arange(1, len(curve) + 1) - LOW_EPOCH) <= NEAR
    inside, outside = (round(float(curve[part].min()) * total) for part in (near, ~near))
    p_value = fisher(inside, total, outside, total)
    if p_value >= ALPHA:
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = Verdict.HOLDS if inside < outside else Verdict.FAILS
    return Finding(
        verdict,
        {
            "lowest_epoch": int(np.argmin(curve)) + 1,
            "lowest_epoch_validation": int(np.argmin(case.curve(FAST.run, "val_accuracy"))) + 1,
            "inside_correct": inside,
            "outside_correct": outside,
            "total": total,
            "p_value": p_value,
        },
        Effect("lowest count near epoch 40 less the lowest elsewhere", inside - outside, "training images"),
        "Fisher's exact test, two-sided, at 5 % (conservative: the images are the same)",
        {"p": p_text(p_value), "window": f"{LOW_EPOCH - NEAR} to {LOW_EPOCH + NEAR}"},
    )


_SETTLES = (
    r"at $\eta = 0.001$ the training accuracy settles between epochs {slow_from} and {slow_to}, "
    r"at $\eta = 0.01$ between epochs {fast_from} and {fast_to}"
)
_MOVES = (
    r"from one epoch to the next the training accuracy moves by {fast_points:.2f} percentage points at "
    r"$\eta = 0.01$ and by {slow_points:.2f} at $\eta = 0.001$ (standard deviations over the second half; "
    r"ratio {ratio:.2f}, 95 % interval {ratio_low:.2f} to {ratio_high:.2f})"
)
_LOWS = (
    "its lowest training accuracy within epochs {window} is {inside_correct} of {total} images and its "
    "lowest elsewhere {outside_correct} (Fisher's exact test {p}); over all epochs it is lowest in epoch "
    "{lowest_epoch}, and on the validation images in epoch {lowest_epoch_validation}"
)

CLAIMS = (
    Claim(
        id="logistic_slow_ends_higher",
        question="1.1b",
        statement=r"Logistic regression ends with a higher test accuracy at $\eta = 0.001$ than at "
        r"$\eta = 0.01$.",
        reference="The smaller step is said to reach the higher value: 0.5936 against 0.5784.",
        pages="2",
        needs=(SLOW, FAST),
        judge=_ends_higher,
        over_seeds=Region(above=0),
        holds="The smaller step does end higher: {counts} ({tested}).",
        fails="The smaller step ends lower: {counts} ({tested}).",
        inconclusive="Which step ends higher is within chance: {counts} ({tested}).",
    ),
    Claim(
        id="logistic_slow_climbs_more_slowly",
        question="1.1b",
        statement=r"The accuracy climbs more slowly at $\eta = 0.001$ than at $\eta = 0.01$.",
        reference="The accuracy at the smaller step is said to rise more slowly.",
        pages="2",
        needs=(SLOW, FAST),
        judge=_climbs_more_slowly,
        over_seeds=Region(above=0),
        holds=f"The smaller step does climb more slowly: {_SETTLES}.",
        fails=f"The smaller step climbs faster: {_SETTLES}.",
        inconclusive=f"Neither step is clearly the slower to climb: {_SETTLES}.",
    ),
    Claim(
        id="logistic_slow_oscillates_less",
        question="1.1b",
        statement=r"The accuracy oscillates less at $\eta = 0.001$ than at $\eta = 0.01$.",
        reference="The smaller step is said to oscillate less.",
        pages="2",
        needs=(SLOW, FAST),
        judge=_oscillates_less,
        over_seeds=Region(above=1, ratio=True),
        holds=f"The smaller step is the steadier one: {_MOVES}.",
        fails=f"The smaller step is the less steady one: {_MOVES}.",
        inconclusive=f"Neither step is clearly the steadier one: {_MOVES}.",
    ),
    Claim(
        id="logistic_fast_lowest_near_epoch_40",
        question="1.1b",
        statement=r"At $\eta = 0.01$ the accuracy is at its lowest near epoch 40.",
        reference="Near epoch 40 the accuracy at the larger step is said to drop to its lowest of all.",
        pages="2",
        needs=(FAST,),
        judge=_lowest_near_40,
        over_seeds=Region(below=0),
        holds=rf"At $\eta = 0.01$ the low point does lie near epoch 40: {_LOWS}.",
        fails=rf"At $\eta = 0.01$ the low point lies elsewhere: {_LOWS}.",
        inconclusive=rf"At $\eta = 0.01$ the low point is not set apart from others beyond chance: {_LOWS}.",
    ),
)
