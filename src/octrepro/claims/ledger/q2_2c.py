"""Question 2.2c: overfitting over 150 epochs, and two remedies."""

from functools import partial

import numpy as np

from octrepro.claims.claim import Build, Claim, Effect, Region, Subject, single
from octrepro.claims.effects import LATE, leads, oscillates, scientific, times
from octrepro.claims.series import level_ratio, slope

DEFAULT = Subject("feedforward_long", "the default")
L2 = Subject("feedforward_long_l2", "L2")
DROPOUT = Subject("feedforward_long_dropout", "dropout")

# "Slightly" steadier: less oscillation, but not less than this share of it.
SLIGHT = 0.5
# "Significantly" better: at least a tenth off the validation loss.
MARKED = 0.9


def _gap_growth(build: Build) -> Effect:
    history = build.records[DEFAULT.run].history
    train, val = history["train_loss"], history["val_loss"]
    growth = slope(val - train)
    slopes = {"train_slope": slope(train).value, "val_slope": slope(val).value}
    lowest = int(np.argmin(val))
    return Effect(
        name="growth of validation loss less training loss",
        unit="nats per epoch",
        parts={"": growth},
        test="slope through block means of the second half of the epochs, 95 % t interval",
        sentence="Over the second half of the epochs the training loss changes by "
        f"{scientific(slopes['train_slope'])} nats per epoch and the validation loss by "
        f"{scientific(slopes['val_slope'])}: their difference grows by {scientific(growth.value)} (95 % "
        f"interval {scientific(growth.low)} to {scientific(growth.high)}). The validation loss is lowest in "
        f"epoch {lowest + 1}.",
        evidence={**slopes, "lowest_epoch": lowest + 1, "lowest_val_loss": float(val[lowest])},
    )


def _dropout_loss(build: Build) -> Effect:
    ratio = level_ratio(*(build.records[each.run].history["val_loss"] for each in (DROPOUT, DEFAULT)))
    return Effect(
        name="ratio of the validation losses",
        unit="times",
        parts={f"{DROPOUT.phrase} over {DEFAULT.phrase}": ratio},
        test="means of blocks of epochs, 95 % t interval of the log ratio",
        sentence=f"Over the second half of the epochs the validation loss with dropout is {times(ratio)} the "
        "default's.",
    )


def _weight_norms(build: Build) -> Effect:
    with_l2, without = (build.records[each.run].metrics["weight_norm"] for each in (L2, DEFAULT))
    return Effect(
        name="ratio of the norms of the weights",
        unit="times",
        parts=single(with_l2 / without, f"{L2.phrase} over {DEFAULT.phrase}", is_ratio=True),
        test="weights at the end of this training run",
        sentence=f"The root of the sum of all squared weights is {with_l2:.2f} with L2 and {without:.2f} "
        "without.",
        kind="observed",
        evidence={"l2_norm": with_l2, "default_norm": without},
    )


claim = partial(
    Claim,
    question="2.2c",
    pages="10",
    subjects=(DEFAULT, L2, DROPOUT),
    fixed=("batch_size", "epochs", "dropout", "l2_decay"),
)

CLAIMS = (
    claim(
        id="default_overfits",
        statement="The default network overfits: its validation loss stops falling as fast as its training "
        "loss.",
        measure=_gap_growth,
        source="The training loss of the default is said to go on falling after the validation loss has "
        "nearly stopped.",
        pages="9 to 10",
        definition="Over the second half of the epochs the gap between validation and training loss grows.",
        subjects=(DEFAULT,),
    ),
    claim(
        id="l2_slightly_steadier",
        statement="L2 regularization steadies the validation loss, but only slightly.",
        measure=oscillates(L2, DEFAULT, "val_loss"),
        region=Region(above=SLIGHT, below=1),
        source="L2 is said to have steadied the validation loss slightly, and no more.",
        definition="From one epoch to the next, over the second half, the validation loss moves less, but "
        "not by half: halving it would be more than slight. The bound is ours.",
        subjects=(DEFAULT, L2),
    ),
    claim(
        id="l2_smaller_weights",
        statement="L2 regularization leads to smaller weights.",
        measure=_weight_norms,
        region=Region(below=1),
        source="L2 is said to force the model to learn smaller weights.",
        definition="The root of the sum of all squared weights, biases left out, is smaller.",
        subjects=(DEFAULT, L2),
    ),
    claim(
        id="dropout_improves_validation_loss",
        statement="Dropout improves the validation loss significantly.",
        measure=_dropout_loss,
        region=Region(below=MARKED),
        source="Dropout is said to have improved the performance significantly.",
        definition="Over the second half of the epochs the validation loss is lower by a tenth or more: "
        "less would hardly show in a figure. The bound is ours.",
        subjects=(DEFAULT, DROPOUT),
    ),
    claim(
        id="dropout_best_test_accuracy",
        statement="Of the three long runs, the one with dropout has the best test accuracy.",
        measure=leads([(DROPOUT, DEFAULT), (DROPOUT, L2)], "test"),
        source="The best test accuracy of all, 0.7825, is reported for dropout 0.2.",
    ),
    claim(
        id="validation_prefers_default",
        statement="By validation accuracy the default is the best of the three long runs and dropout the "
        "worst.",
        measure=leads([(DEFAULT, L2), (DEFAULT, DROPOUT), (L2, DROPOUT)], "val"),
        source="The default is called the best configuration and dropout the worst, although dropout has "
        "the best test accuracy.",
        pages="9 to 10",
        definition=LATE,
    ),
)
