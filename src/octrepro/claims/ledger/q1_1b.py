"""Question 1.1b: logistic regression from scratch at two learning rates."""

from functools import partial

import numpy as np

from octrepro.claims.claim import Build, Claim, Effect, Region, Subject, single
from octrepro.claims.effects import arrives_first, leads, oscillates
from octrepro.results.estimate import UndeterminedError

SLOW = Subject("logistic_lr0_001", r"logistic regression at $\eta = 0.001$")
FAST = Subject("logistic_lr0_01", r"logistic regression at $\eta = 0.01$")
# "Near epoch 40": how many epochs to either side still count as near.
LOW_EPOCH, NEAR = 40, 5


def _lowest_epoch(build: Build) -> Effect:
    history = build.records[FAST.run].history
    curve = history["train_accuracy"]
    if len(curve) < LOW_EPOCH + NEAR:
        raise UndeterminedError(
            f"`{FAST.run}` has {len(curve)} epochs, and the claim is about epochs {LOW_EPOCH - NEAR} to "
            f"{LOW_EPOCH + NEAR}"
        )
    lowest, validation = (int(np.argmin(each)) + 1 for each in (curve, history["val_accuracy"]))
    return Effect(
        name=f"distance of the lowest training accuracy from epoch {LOW_EPOCH}",
        unit="epochs",
        parts=single(abs(lowest - LOW_EPOCH)),
        test="epoch of the minimum in this training run",
        sentence=f"The training accuracy is lowest in epoch {lowest}, at {100 * curve[lowest - 1]:.2f} %; in "
        f"epoch {LOW_EPOCH} it is {100 * curve[LOW_EPOCH - 1]:.2f} %. On the validation images it is lowest "
        f"in epoch {validation}.",
        kind="observed",
        evidence={"lowest_epoch": lowest, "lowest_epoch_validation": validation},
    )


claim = partial(Claim, question="1.1b", pages="2", subjects=(SLOW, FAST), fixed=("learning_rate",))

CLAIMS = (
    claim(
        id="logistic_slow_ends_higher",
        statement=r"Logistic regression ends with a higher test accuracy at $\eta = 0.001$ than at "
        r"$\eta = 0.01$.",
        measure=leads([(SLOW, FAST)], "test"),
        source="The smaller step is said to reach the higher value: 0.5936 against 0.5784.",
    ),
    claim(
        id="logistic_slow_climbs_more_slowly",
        statement=r"The accuracy climbs more slowly at $\eta = 0.001$ than at $\eta = 0.01$.",
        measure=arrives_first([(FAST, SLOW)], "train_accuracy"),
        source="The accuracy at the smaller step is said to rise more slowly.",
        definition="It takes more epochs to first reach a training accuracy that both runs attain: the "
        "lower of their means over the second half.",
    ),
    claim(
        id="logistic_slow_oscillates_less",
        statement=r"The accuracy oscillates less at $\eta = 0.001$ than at $\eta = 0.01$.",
        measure=oscillates(FAST, SLOW, "train_accuracy"),
        region=Region(above=1),
        source="The smaller step is said to oscillate less.",
        definition="The standard deviation of the change of the training accuracy from one epoch to the "
        "next, over the second half of the epochs, where the first climb is over.",
    ),
    claim(
        id="logistic_fast_lowest_near_epoch_40",
        statement=r"At $\eta = 0.01$ the accuracy is at its lowest near epoch 40.",
        measure=_lowest_epoch,
        region=Region(below=NEAR + 0.5),
        source="Near epoch 40 the accuracy at the larger step is said to drop to its lowest of all.",
        definition=f"Near means within {NEAR} epochs, as closely as a figure can be read.",
        subjects=(FAST,),
    ),
)
