"""By how many images one run is ahead of another: the effect of every claim about accuracies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from octrepro.claims.claim import Build, Subject
from octrepro.claims.effect import Effect, Region
from octrepro.claims.sentences import more_or_fewer, p_text
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
    over the last tenth of the epochs, so that no single epoch decides.
    """
    lead_of = _test_lead if split == "test" else _validation_lead

    def measure(build: Build) -> Effect:
        found = [lead_of(build, *pair) for pair in pairs]
        parts = tuple(each.estimate for each in found)
        position = AHEAD.least_favorable(parts)
        several = f" Of {len(pairs)} comparisons this is the least favorable to the claim."
        return Effect(
            name=f"lead in {SPLITS[split]} images classified correctly",
            unit="images",
            parts=parts,
            test=found[position].test + (", of each pair" if len(pairs) > 1 else ""),
            evidence=found[position].evidence,
            sentence=found[position].sentence + (several if len(pairs) > 1 else ""),
            labels=tuple(f"{first.phrase} over {second.phrase}" for first, second in pairs),
            deciding=position,
        )

    return measure


@dataclass(frozen=True)
class _Lead:
    """The lead of one run over another, its test, and what to say of it."""

    estimate: Estimate
    test: str
    evidence: Mapping[str, float | int]
    sentence: str


def _test_lead(build: Build, first: Subject, second: Subject) -> _Lead:
    pair = compare(build.record(first), build.record(second), "test")
    lead = pair.estimate
    same = "" if pair.only_first + pair.only_second else " The two give the same answers."
    return _Lead(
        lead,
        "exact McNemar test, two-sided",
        {
            "first_correct": pair.first_correct,
            "second_correct": pair.second_correct,
            "total": pair.total,
            "only_first": pair.only_first,
            "only_second": pair.only_second,
            "difference": pair.difference,
        },
        f"{_capital(_called(build, first, 'test'))} classifies {pair.first_correct} of {pair.total} test "
        f"images correctly and {_called(build, second, 'test')} {pair.second_correct} "
        f"({more_or_fewer(lead.value)}, {_interval(lead)}, exact McNemar test {p_text(pair.p_value)}).{same} "
        f"Only the last epoch was tested; on the validation images {_ahead(build, first, second)}.",
    )


def _validation_lead(build: Build, first: Subject, second: Subject) -> _Lead:
    """The mean over late epochs, with chance in the choice of images and from epoch to epoch.

    The two variances add up; the degrees of freedom are those of Welch and Satterthwaite.
    """
    pair = compare(build.record(first), build.record(second), "val")
    curves = [pair.total * curve for curve in _late_curves(build, first, second)]
    means, epochs = [float(curve.mean()) for curve in curves], len(curves[0])
    of_epochs = float((curves[0] - curves[1]).var(ddof=1)) / epochs
    variance = pair.variance + of_epochs
    df = (epochs - 1) * (variance / of_epochs) ** 2 if of_epochs else math.inf
    lead = t_estimate(means[0] - means[1], math.sqrt(variance), df)
    return _Lead(
        lead,
        "t test of the mean over the last tenth of the epochs, paired by image and epoch, two-sided",
        {
            "late_epochs": epochs,
            "first_mean_correct": means[0],
            "second_mean_correct": means[1],
            "total": pair.total,
            "last_epoch_difference": pair.difference,
        },
        f"{_capital(_called(build, first, 'val'))} classifies {means[0]:.1f} of {pair.total} validation "
        f"images correctly and {_called(build, second, 'val')} {means[1]:.1f}, on average over the last "
        f"{epochs} epochs ({more_or_fewer(lead.value)}, {_interval(lead)}); {_ahead(build, first, second)}.",
    )


def _late_curves(build: Build, first: Subject, second: Subject) -> list[NDArray[np.float64]]:
    """Both validation accuracies over the last tenth of the epochs, equally many."""
    curves = [late_epochs(build.record(each).history["val_accuracy"]) for each in (first, second)]
    return [curve[-min(map(len, curves)) :] for curve in curves]


def _ahead(build: Build, first: Subject, second: Subject) -> str:
    """Whether neighboring epochs agree, as a clause."""
    one, other = _late_curves(build, first, second)
    return (
        f"{first.phrase} is ahead in {(one > other).sum()} of the last {len(one)} epochs "
        f"and {second.phrase} in {(other > one).sum()}"
    )


def _called(build: Build, subject: Subject, split: Split) -> str:
    record = build.record(subject)
    predictions = record.test_predictions if split == "test" else record.val_predictions
    same = (predictions == predictions[0]).all()
    return subject.phrase + (" (which gives every image the same class)" if same else "")


def _capital(phrase: str) -> str:
    return phrase[0].upper() + phrase[1:]


def _interval(lead: Estimate) -> str:
    return f"95 % interval ${lead.low:z.1f}$ to ${lead.high:z.1f}$"
