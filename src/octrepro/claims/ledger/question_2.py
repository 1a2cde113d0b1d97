"""Question 2: the feed-forward network: batch sizes, learning rates, and overfitting with two remedies."""

import math
from functools import partial

import numpy as np

from octrepro.claims.claim import Build, Claim, Effect, Region, Subject, single
from octrepro.claims.effects import LATE, arrives_first, leads, oscillates, scientific
from octrepro.claims.series import level_ratio, second_half, slope
from octrepro.results.accuracies import beats_majority
from octrepro.results.estimate import UndeterminedError, t_estimate
from octrepro.results.summary import compare

SMALL_BATCH = Subject("feedforward", "batch size 16")
LARGE_BATCH = Subject("feedforward_batch1024", "batch size 1024")
BEST = Subject("feedforward", r"$\eta = 0.1$")
WORST = Subject("feedforward_lr1", r"$\eta = 1$")
LOW = Subject("feedforward_lr0_01", r"$\eta = 0.01$")
LOWEST = Subject("feedforward_lr0_001", r"$\eta = 0.001$")
RATES = (WORST, BEST, LOW, LOWEST)
DEFAULT = Subject("feedforward_long", "the default")
L2 = Subject("feedforward_long_l2", "L2")
DROPOUT = Subject("feedforward_long_dropout", "dropout")
# "Slightly" steadier: less oscillation, but not less than this share of it.
SLIGHT = 0.5
# "Significantly" better: at least a tenth off the validation loss.
MARKED = 0.9


def _updates(build: Build) -> Effect:
    small, large = (build.records[subject.run].metrics for subject in (SMALL_BATCH, LARGE_BATCH))
    return Effect(
        name="ratio of updates",
        unit="times",
        parts=single(small["updates"] / large["updates"]),
        test="exact counts",
        sentence=f"Batch size 16 makes {small['updates']:,} updates with {small['multiply_adds']:,} "
        f"multiply-adds, batch size 1024 {large['updates']:,} updates with {large['multiply_adds']:,}. "
        "Updates wait for one another.",
        kind="exact",
        evidence={
            "small_updates": small["updates"],
            "large_updates": large["updates"],
            "multiply_adds_ratio": small["multiply_adds"] / large["multiply_adds"],
        },
    )


def _gaps(build: Build) -> Effect:
    subjects = (SMALL_BATCH, LARGE_BATCH)
    small, large = (build.records[subject.run] for subject in subjects)
    for subject in subjects:
        if not beats_majority(build.records[subject.run]):
            raise UndeterminedError(
                f"{subject.phrase} does no better on the test images than always answering the most "
                "frequent class, so that a small gap is no sign of generalizing"
            )
    images = small.metrics["train_total"]
    train = np.array([record.metrics["train_correct"] / images for record in (small, large)])
    test = compare(small, large, "test")
    gaps = 100 * (train - np.array([test.first_correct, test.second_correct]) / test.total)
    # The test accuracies are paired by image. The training accuracies are taken as independent, which is
    # conservative, since they are not.
    variance = (train * (1 - train)).sum() / images + test.variance / (test.total + 2) ** 2
    return Effect(
        name="difference of the gaps between training and test accuracy",
        unit="percentage points",
        parts={"": t_estimate(gaps[0] - gaps[1], 100 * math.sqrt(variance), math.inf)},
        test="normal test of the difference of gaps, paired on the test images, two-sided",
        sentence=f"Training accuracy less test accuracy is {gaps[0]:z.1f} percentage points at batch size 16 "
        f"and {gaps[1]:z.1f} at 1024.",
        evidence={"small_gap_points": gaps[0], "large_gap_points": gaps[1]},
    )


def _gap_growth(build: Build) -> Effect:
    history = build.records[DEFAULT.run].history
    train, val = history["train_loss"], history["val_loss"]
    slopes = {"train_slope": slope(train).value, "val_slope": slope(val).value}
    lowest = int(np.argmin(val))
    return Effect(
        name="growth of validation loss less training loss",
        unit="nats per epoch",
        parts={"": slope(val - train)},
        test="slope through block means of the second half of the epochs, 95 % t interval",
        sentence="Over the second half of the epochs the training loss changes by "
        f"{scientific(slopes['train_slope'])} nats per epoch and the validation loss by "
        f"{scientific(slopes['val_slope'])}. The validation loss is lowest in epoch {lowest + 1}.",
        evidence={**slopes, "lowest_epoch": lowest + 1, "lowest_val_loss": float(val[lowest])},
    )


def _dropout_loss(build: Build) -> Effect:
    curves = [build.records[each.run].history["val_loss"] for each in (DROPOUT, DEFAULT)]
    levels = [second_half(curve).mean() for curve in curves]
    return Effect(
        name="ratio of the validation losses",
        unit="times",
        parts={f"{DROPOUT.phrase} over {DEFAULT.phrase}": level_ratio(*curves)},
        test="means of blocks of epochs, 95 % t interval of the log ratio",
        sentence="Over the second half of the epochs the validation loss is on average "
        f"{scientific(levels[0])} with dropout and {scientific(levels[1])} without.",
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


batches = partial(
    Claim, question="2.2a", pages="6 to 7", subjects=(SMALL_BATCH, LARGE_BATCH), fixed=("batch_size",)
)
rates = partial(Claim, question="2.2b", pages="8", subjects=RATES, fixed=("learning_rate", "epochs"))
remedies = partial(
    Claim,
    question="2.2c",
    pages="10",
    subjects=(DEFAULT, L2, DROPOUT),
    fixed=("batch_size", "epochs", "dropout", "l2_decay"),
)


def _falls_short(subject: Subject, name: str) -> Claim:
    return rates(
        id=f"learning_rate_{name}_falls_short",
        statement=f"At {subject.phrase} the network has not reached a good accuracy after 20 epochs.",
        measure=leads([(BEST, subject)], "test"),
        source="The small learning rates are said not to reach a good accuracy in 20 epochs.",
        definition=f"It classifies fewer test images correctly than {BEST.phrase}, the best rate reported.",
        subjects=(BEST, subject),
    )


CLAIMS = (
    batches(
        id="small_batch_more_accurate",
        statement="Batch size 16 gives a higher test accuracy than batch size 1024.",
        measure=leads([(SMALL_BATCH, LARGE_BATCH)], "test"),
        source="The best test accuracy is reported for batch size 16: 0.7675.",
    ),
    batches(
        id="small_batch_takes_longer",
        statement="Training with batch size 16 takes longer than with batch size 1024.",
        measure=_updates,
        region=Region(above=1),
        source="Training with the small batch is said to take more time.",
        definition="It makes more updates, which cannot be made at once; seconds would be the machine's.",
    ),
    batches(
        id="small_batch_noisier",
        statement="Training with batch size 16 is noisier than with batch size 1024.",
        measure=oscillates(SMALL_BATCH, LARGE_BATCH, "val_loss"),
        region=Region(above=1),
        source="Smaller batches are said to be noisier, being more sensitive to their data.",
        definition="The standard deviation of the change of the validation loss from one epoch to the next, "
        "over the second half of the epochs.",
    ),
    batches(
        id="small_batch_generalizes_better",
        statement="Batch size 16 generalizes better than 1024.",
        measure=_gaps,
        region=Region(below=0),
        source="Small batches are said to generalize better, by a regularizing effect of their noise.",
        definition="The gap between training and test accuracy is smaller. Both runs must beat always "
        "answering the most frequent class: a network that has learned nothing has no gap.",
    ),
    rates(
        id="learning_rate_0_1_best",
        statement=r"By validation accuracy $\eta = 0.1$ is the best of the four learning rates.",
        measure=leads([(BEST, other) for other in RATES if other is not BEST], "val"),
        source="The best configuration reported is learning rate 0.1, with test accuracy 0.7675.",
        definition=LATE,
    ),
    rates(
        id="learning_rate_1_worst",
        statement=r"By validation accuracy $\eta = 1$ is the worst of the four learning rates.",
        measure=leads([(other, WORST) for other in RATES if other is not WORST], "val"),
        source="The worst configuration reported is learning rate 1, which ends in a poor minimum.",
        definition=LATE,
    ),
    rates(
        id="high_rates_converge_faster",
        statement=r"The network converges faster at a higher learning rate: at $\eta = 0.1$ than at "
        r"$\eta = 0.01$, and there than at $\eta = 0.001$.",
        measure=arrives_first([(BEST, LOW), (LOW, LOWEST)], "train_loss"),
        source="High learning rates are said to converge faster, since they take bigger steps, if perhaps "
        "to a poor minimum.",
        definition="It takes fewer epochs to first reach a training loss that both runs attain: the higher "
        r"of their means over the second half. $\eta = 1$ is left out: it ends in a poor minimum, as the "
        "source says.",
        subjects=(BEST, LOW, LOWEST),
    ),
    _falls_short(LOW, "0_01"),
    _falls_short(LOWEST, "0_001"),
    remedies(
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
    remedies(
        id="l2_slightly_steadier",
        statement="L2 regularization steadies the validation loss, but only slightly.",
        measure=oscillates(L2, DEFAULT, "val_loss"),
        region=Region(above=SLIGHT, below=1),
        source="L2 is said to have steadied the validation loss slightly, and no more.",
        definition="From one epoch to the next, over the second half, the validation loss moves less, but "
        "not by half: halving it would be more than slight. The bound is ours.",
        subjects=(DEFAULT, L2),
    ),
    remedies(
        id="l2_smaller_weights",
        statement="L2 regularization leads to smaller weights.",
        measure=_weight_norms,
        region=Region(below=1),
        source="L2 is said to force the model to learn smaller weights.",
        definition="The root of the sum of all squared weights, biases left out, is smaller.",
        subjects=(DEFAULT, L2),
    ),
    remedies(
        id="dropout_improves_validation_loss",
        statement="Dropout improves the validation loss significantly.",
        measure=_dropout_loss,
        region=Region(below=MARKED),
        source="Dropout is said to have improved the performance significantly.",
        definition="Over the second half of the epochs the validation loss is lower by a tenth or more: "
        "less would hardly show in a figure. The bound is ours.",
        subjects=(DEFAULT, DROPOUT),
    ),
    remedies(
        id="dropout_best_test_accuracy",
        statement="Of the three long runs, the one with dropout has the best test accuracy.",
        measure=leads([(DROPOUT, DEFAULT), (DROPOUT, L2)], "test"),
        source="The best test accuracy of all, 0.7825, is reported for dropout 0.2.",
    ),
    remedies(
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
