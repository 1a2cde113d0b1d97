"""Effects on curves by epoch that several claims measure: how much they oscillate, how fast they move."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from octrepro.claims.claim import Build, Subject
from octrepro.claims.effect import Effect, single
from octrepro.claims.series import epochs_to_common_level, oscillation, oscillation_ratio
from octrepro.results.estimate import Estimate

CURVES = {
    "train_accuracy": "training accuracy",
    "train_loss": "training loss",
    "val_loss": "validation loss",
}


def oscillates(first: Subject, second: Subject, column: str) -> Callable[[Build], Effect]:
    """How many times as much the first run's curve moves from epoch to epoch as the second's."""

    def measure(build: Build) -> Effect:
        curves = [build.record(subject).history[column] for subject in (first, second)]
        ratio = oscillation_ratio(*curves)
        return Effect(
            "ratio of the standard deviations of epoch-to-epoch differences",
            "times",
            (ratio,),
            "block jackknife of the log ratio, 95 % interval",
            f"From one epoch to the next the {CURVES[column]} of {first.phrase} moves {times(ratio)} as much "
            f"as that of {second.phrase}.",
            evidence={"first_sd": oscillation(curves[0]), "second_sd": oscillation(curves[1])},
            labels=(f"{first.phrase} over {second.phrase}",),
        )

    return measure


def arrives_first(pairs: Sequence[tuple[Subject, Subject]], column: str) -> Callable[[Build], Effect]:
    """By how many epochs the second run of each pair is later in reaching a level that both attain."""

    def measure(build: Build) -> Effect:
        sign = -1 if column.endswith("loss") else 1
        reached = [
            epochs_to_common_level(*(sign * build.record(subject).history[column] for subject in pair))
            for pair in pairs
        ]
        told = [
            f"{faster.phrase} in epoch {first} and {slower.phrase} in epoch {second}"
            for (faster, slower), (first, second) in zip(pairs, reached, strict=True)
        ]
        return Effect(
            "delay in reaching the common level",
            "epochs",
            tuple(part for first, second in reached for part in single(second - first)),
            "count of epochs in this training run",
            f"The common level of the {CURVES[column]} is first reached by {'; by '.join(told)}.",
            "observed",
            labels=tuple(f"{slower.phrase} after {faster.phrase}" for faster, slower in pairs),
        )

    return measure


def times(ratio: Estimate) -> str:
    """A ratio with its interval."""
    return f"{ratio.value:.2f} times (95 % interval {ratio.low:.2f} to {ratio.high:.2f})"
