"""By how many images one run is ahead of another: the effect of every claim about accuracies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from octrepro.claims.claim import Build, Subject
from octrepro.claims.effect import Effect
from octrepro.claims.sentences import more_or_fewer, p_text
from octrepro.core.records import RunRecord
from octrepro.results.accuracies import late_epochs
from octrepro.results.extremes import SPLITS, compare

Split = Literal["test", "val"]
Pair = tuple[Subject, Subject]


def leads(pairs: Sequence[Pair], split: Split) -> Callable[[Build], Effect]:
    """The lead, in images classified correctly, of the first run of each pair over the second.

    On the validation images a curve tells whether the last epoch is typical: where neighboring epochs reverse
    the order of the deciding pair, the last epoch decides nothing.
    """

    def measure(build: Build) -> Effect:
        found = [compare(build.record(first), build.record(second), split) for first, second in pairs]
        # The least favorable to the claim: most surely behind or, with none behind, least surely ahead.
        position = min(
            range(len(pairs)),
            key=lambda index: (
                math.copysign(1 - found[index].p_value, found[index].difference),
                found[index].difference,
            ),
        )
        (first, second), closest = pairs[position], found[position]
        images = f"{SPLITS[split]} images"
        names = [f"{each.phrase}{_caveat(build.record(each), split)}" for each in (first, second)]
        interval = f"95 % interval ${closest.low:z.1f}$ to ${closest.high:z.1f}$"
        agree = " The two give the same answers." if not closest.only_first + closest.only_second else ""
        # To hold, all pairs count; otherwise the deciding one alone.
        counting = pairs if closest.difference > 0 else [pairs[position]]
        doubts = list(filter(None, (_doubt(build, *pair) for pair in counting))) if split == "val" else []
        if split == "val" and not doubts:
            agree += " The last tenth of the epochs agrees with the last epoch."
        many = len(pairs) > 1
        several = f" Of {len(pairs)} comparisons this is the least favorable to the claim." if many else ""
        return Effect(
            name=f"lead in {images} classified correctly",
            unit="images",
            parts=tuple(pair.estimate for pair in found),
            test="exact McNemar test, two-sided" + (", of each pair" if many else ""),
            evidence={
                "first_correct": closest.first_correct,
                "second_correct": closest.second_correct,
                "total": closest.total,
                "only_first": closest.only_first,
                "only_second": closest.only_second,
                "difference": closest.difference,
            },
            sentence=f"{names[0][0].upper()}{names[0][1:]} classifies {closest.first_correct} of "
            f"{closest.total} {images} correctly and {names[1]} {closest.second_correct} "
            f"({more_or_fewer(closest.difference)}, {interval}, exact McNemar test "
            f"{p_text(closest.p_value)}).{agree}{several}",
            deciding=position,
            doubt=doubts[0] if doubts else "",
        )

    return measure


def _caveat(record: RunRecord, split: Split) -> str:
    predictions = record.test_predictions if split == "test" else record.val_predictions
    return " (which gives every image the same class)" if (predictions == predictions[0]).all() else ""


def _doubt(build: Build, first: Subject, second: Subject) -> str:
    """Whether the runs change places over the last tenth of the epochs, as a sentence."""
    curves = [late_epochs(build.record(each).history["val_accuracy"]) for each in (first, second)]
    epochs = min(map(len, curves))
    difference = curves[0][-epochs:] - curves[1][-epochs:]
    if not difference.min() < 0 < difference.max():
        return ""
    behind, mean = int((difference < 0).sum()), 100 * float(difference.mean())
    return (
        f"But the last epoch is not typical: of the last {epochs} epochs, {first.phrase} is behind "
        f"{second.phrase} in {behind}, and on average {abs(mean):.1f} percentage points "
        f"{'lower' if mean < 0 else 'higher'}."
    )
