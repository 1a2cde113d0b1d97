"""Effects that several claims measure: how many images one run is ahead by, how its curve moves, how fast."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from octrepro.claims.claim import Build, Effect, Parts, Region, Subject, single
from octrepro.claims.series import epochs_to_common_level, neighbor_variance, oscillation, oscillation_ratio
from octrepro.core.records import RunRecord
from octrepro.results.accuracies import late_epochs
from octrepro.results.estimate import t_estimate
from octrepro.results.summary import SPLITS, compare

Split = Literal["test", "val"]
Pair = tuple[Subject, Subject]
Measure = Callable[[Build], Effect]
AHEAD = Region(above=0)
# The definition of a claim about validation accuracy.
LATE = "The validation accuracy is the mean over the last tenth of the epochs: one epoch may be untypical."
CURVES = {
    "train_accuracy": "training accuracy",
    "train_loss": "training loss",
    "val_loss": "validation loss",
}


def leads(pairs: Sequence[Pair], split: Split) -> Measure:
    """The lead, in images classified correctly, of the first run of each pair over the second.

    On the test images there is the model of the last epoch alone. On the validation images it is the mean
    over the last tenth of the epochs.
    """

    def measure(build: Build) -> Effect:
        effects = [_lead(build, *pair, split) for pair in pairs]
        parts = {label: part for effect in effects for label, part in effect.parts.items()}
        deciding = effects[list(parts).index(AHEAD.least_favorable(parts))]
        return replace(deciding, parts=parts)

    return measure


def _lead(build: Build, first: Subject, second: Subject, split: Split) -> Effect:
    """The lead, with chance in which images were classified and in which epoch was the last.

    How far the validation accuracies move apart from one epoch to the next tells what the last epoch might as
    well have been. The two variances add up; the degrees of freedom are those of Welch and Satterthwaite.
    """
    records = (build.records[first.run], build.records[second.run])
    pair = compare(*records, split)
    val = _val_counts(*records)
    late_val = [late_epochs(counts) for counts in val]
    evidence = {"total": pair.total, "last_epoch_difference": pair.difference}
    if split == "val":
        correct, when = late_val, f"on average over the last {len(late_val[0])} epochs"
    else:
        correct, when = [np.array([pair.first_correct]), np.array([pair.second_correct])], "in the last epoch"
        evidence = {"first_correct": pair.first_correct, "second_correct": pair.second_correct} | evidence
    movement, df = neighbor_variance(val[0] - val[1])
    movement *= (pair.total / len(records[0].val_labels)) ** 2 / len(correct[0])
    variance = pair.variance + movement
    df = df * (variance / movement) ** 2 if movement else math.inf
    lead = t_estimate(float((correct[0] - correct[1]).mean()), math.sqrt(variance), df)
    names = [_called(*each, split) for each in zip((first, second), records, strict=True)]
    counts = [f"{each.mean():.1f}".removesuffix(".0") for each in correct]
    same = "" if pair.only_first + pair.only_second else " The two give the same answers."
    ahead = np.sign(late_val[0] - late_val[1])
    return Effect(
        name=f"lead in {SPLITS[split]} images classified correctly",
        unit="images",
        parts={f"{first.phrase} over {second.phrase}": lead},
        test="t test, paired by image, that allows for the movement between epochs, two-sided",
        evidence={**evidence, "only_first": pair.only_first, "only_second": pair.only_second},
        sentence=f"{names[0][0].upper()}{names[0][1:]} classifies {counts[0]} of {pair.total} "
        f"{SPLITS[split]} images correctly and {names[1]} {counts[1]}, {when}.{same}",
        # Whether the epochs before the last one agree with it.
        aside=f"On the validation images {first.phrase} is ahead in {(ahead > 0).sum()} of the last "
        f"{len(ahead)} epochs and {second.phrase} in {(ahead < 0).sum()}.",
    )


def _val_counts(first: RunRecord, second: RunRecord) -> list[NDArray[np.float64]]:
    """Validation images that both classify correctly after each epoch, the last epochs of the longer run."""
    # Whole numbers add up to the same sum in any order.
    counts = [np.rint(len(each.val_labels) * each.history["val_accuracy"]) for each in (first, second)]
    return [each[-min(map(len, counts)) :] for each in counts]


def _called(subject: Subject, record: RunRecord, split: Split) -> str:
    predictions = record.test_predictions if split == "test" else record.val_predictions
    same = (predictions == predictions[0]).all()
    return subject.phrase + (" (which gives every image the same class)" if same else "")


def oscillates(first: Subject, second: Subject, column: str) -> Measure:
    """How many times as much the first run's curve moves from epoch to epoch as the second's."""

    def measure(build: Build) -> Effect:
        curves = [build.records[subject.run].history[column] for subject in (first, second)]
        first_sd, second_sd = map(oscillation, curves)
        return Effect(
            name="ratio of the standard deviations of epoch-to-epoch differences",
            unit="times",
            parts={f"{first.phrase} over {second.phrase}": oscillation_ratio(*curves)},
            test="block jackknife of the log ratio, 95 % interval",
            sentence=f"From one epoch to the next the {CURVES[column]} of {first.phrase} moves by "
            f"{scientific(first_sd)} (standard deviation) and that of {second.phrase} by "
            f"{scientific(second_sd)}.",
            evidence={"first_sd": first_sd, "second_sd": second_sd},
        )

    return measure


def arrives_first(pairs: Sequence[Pair], column: str) -> Measure:
    """By how many epochs the second run of each pair is later in reaching a level that both attain."""

    def measure(build: Build) -> Effect:
        sign = -1 if column.endswith("loss") else 1
        parts: Parts = {}
        told = []
        for faster, slower in pairs:
            curves = [sign * build.records[each.run].history[column] for each in (faster, slower)]
            first, second = epochs_to_common_level(*curves)
            parts |= single(second - first, f"{slower.phrase} after {faster.phrase}")
            told.append(f"{faster.phrase} in epoch {first} and {slower.phrase} in epoch {second}")
        return Effect(
            name="delay in reaching the common level",
            unit="epochs",
            parts=parts,
            test="count of epochs in this training run",
            sentence=f"The common level of the {CURVES[column]} is first reached by {'; by '.join(told)}.",
            kind="observed",
        )

    return measure


def scientific(value: float) -> str:
    """Three digits of a number as mathematics, with a power of ten where it is small or large."""
    mantissa, _, exponent = f"{value:z.3g}".partition("e")
    return rf"${mantissa} \times 10^{{{int(exponent)}}}$" if exponent else f"${mantissa}$"
