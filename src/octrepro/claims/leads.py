"""By how many images one run is ahead of another: the effect of every claim about accuracies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from octrepro.claims.claim import Build, Subject
from octrepro.claims.effect import Effect, Region
from octrepro.claims.sentences import more_or_fewer
from octrepro.claims.series import neighbor_variance
from octrepro.results.accuracies import late_epochs
from octrepro.results.estimate import Estimate, t_estimate
from octrepro.results.extremes import SPLITS, compare

Split = Literal["test", "val"]
Pair = tuple[Subject, Subject]
AHEAD = Region(above=0)
# The definition of a claim about validation accuracy.
LATE = "The validation accuracy is the mean over the last tenth of the epochs: one epoch may be untypical."


def leads(pairs: Sequence[Pair], split: Split) -> Callable[[Build], Effect]:
    """The lead, in images classified correctly, of the first run of each pair over the second.

    On the test images there is the model of the last epoch alone. On the validation images it is the mean
    over the last tenth of the epochs.
    """

    def measure(build: Build) -> Effect:
        parts = tuple(_lead(build, first, second, split) for first, second in pairs)
        position = AHEAD.least_favorable(parts)
        several = f" Of {len(pairs)} comparisons this is the least favorable to the claim."
        neighbors = _neighbors(build, *pairs[position])
        return Effect(
            name=f"lead in {SPLITS[split]} images classified correctly",
            unit="images",
            parts=parts,
            test="t test, paired by image, that allows for the movement between epochs, two-sided",
            evidence=_evidence(build, *pairs[position], split),
            sentence=_sentence(build, *pairs[position], split, parts[position]),
            aside=neighbors + (several if len(pairs) > 1 else ""),
            labels=tuple(f"{first.phrase} over {second.phrase}" for first, second in pairs),
            deciding=position,
        )

    return measure


def _lead(build: Build, first: Subject, second: Subject, split: Split) -> Estimate:
    """The lead, with chance in which images were classified and in which epoch was the last.

    How far the validation accuracies move apart from one epoch to the next tells what the last epoch might as
    well have been. The two variances add up; the degrees of freedom are those of Welch and Satterthwaite.
    """
    pair = compare(build.record(first), build.record(second), split)
    one, other = _val_counts(build, first, second)
    late = late_epochs(one - other)
    epochs, value = (len(late), float(late.mean())) if split == "val" else (1, pair.difference)
    movement, df = neighbor_variance(one - other)
    movement *= (pair.total / len(build.record(first).val_labels)) ** 2 / epochs
    variance = pair.variance + movement
    return t_estimate(value, math.sqrt(variance), df * (variance / movement) ** 2 if movement else math.inf)


def _evidence(build: Build, first: Subject, second: Subject, split: Split) -> dict[str, float | int]:
    pair = compare(build.record(first), build.record(second), split)
    counts: dict[str, float | int] = {"total": pair.total, "last_epoch_difference": pair.difference}
    if split == "test":
        counts = {"first_correct": pair.first_correct, "second_correct": pair.second_correct} | counts
    return counts | {"only_first": pair.only_first, "only_second": pair.only_second}


def _sentence(build: Build, first: Subject, second: Subject, split: Split, lead: Estimate) -> str:
    pair = compare(build.record(first), build.record(second), split)
    late = [late_epochs(curve) for curve in _val_counts(build, first, second)]
    counts, when = [f"{pair.first_correct}", f"{pair.second_correct}"], "in the last epoch"
    if split == "val":
        counts = [f"{curve.mean():.1f}" for curve in late]
        when = f"on average over the last {len(late[0])} epochs"
    names = [_called(build, subject, split) for subject in (first, second)]
    same = "" if pair.only_first + pair.only_second else " The two give the same answers."
    return (
        f"{names[0][0].upper()}{names[0][1:]} classifies {counts[0]} of {pair.total} {SPLITS[split]} images "
        f"correctly and {names[1]} {counts[1]}, {when} ({more_or_fewer(lead.value)}, 95 % interval "
        f"${lead.low:z.1f}$ to ${lead.high:z.1f}$).{same}"
    )


def _neighbors(build: Build, first: Subject, second: Subject) -> str:
    """Whether the epochs before the last one agree with it."""
    one, other = (late_epochs(curve) for curve in _val_counts(build, first, second))
    return (
        f"On the validation images {first.phrase} is ahead in {(one > other).sum()} of the last {len(one)} "
        f"epochs and {second.phrase} in {(other > one).sum()}."
    )


def _val_counts(build: Build, first: Subject, second: Subject) -> list[NDArray[np.float64]]:
    """Validation images that both classify correctly after each epoch, the last epochs of the longer run."""
    records = [build.record(each) for each in (first, second)]
    # Whole numbers add up to the same sum in any order.
    counts = [np.rint(len(record.val_labels) * record.history["val_accuracy"]) for record in records]
    return [each[-min(map(len, counts)) :] for each in counts]


def _called(build: Build, subject: Subject, split: Split) -> str:
    record = build.record(subject)
    predictions = record.test_predictions if split == "test" else record.val_predictions
    same = (predictions == predictions[0]).all()
    return subject.phrase + (" (which gives every image the same class)" if same else "")
