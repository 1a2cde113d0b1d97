"""Question 2.2a: the feed-forward network at two batch sizes."""

import math
from functools import partial

from octrepro.claims.claim import Build, Claim, Effect, Region, Subject, single
from octrepro.claims.effects import leads, oscillates
from octrepro.results.accuracies import beats_majority
from octrepro.results.estimate import Estimate, UndeterminedError, t_estimate
from octrepro.results.extremes import compare
from octrepro.results.proportions import PairedComparison

SMALL = Subject("feedforward", "batch size 16")
LARGE = Subject("feedforward_batch1024", "batch size 1024")


def gap_difference(first_train: int, second_train: int, train_total: int, test: PairedComparison) -> Estimate:
    """How much larger the first model's gap between training and test accuracy is than the second's.

    In percentage points of accuracy, with a normal interval. The test accuracies are paired by image, so
    their difference has the paired variance. The training accuracies are taken as independent: conservative,
    since they are not.
    """
    value = (first_train - second_train) / train_total - test.difference / test.total
    shares = (first_train / train_total, second_train / train_total)
    train_variance = sum(p * (1 - p) for p in shares) / train_total
    test_variance = test.variance / (test.total + 2) ** 2
    return t_estimate(100 * value, 100 * math.sqrt(train_variance + test_variance), math.inf)


def _updates(build: Build) -> Effect:
    small, large = (build.records[subject.run].metrics for subject in (SMALL, LARGE))
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
    small, large = (build.records[subject.run] for subject in (SMALL, LARGE))
    for subject in (SMALL, LARGE):
        if not beats_majority(build.records[subject.run]):
            raise UndeterminedError(
                f"{subject.phrase} does no better on the test images than always answering the most "
                "frequent class, so that a small gap is no sign of generalizing"
            )
    total = small.metrics["train_total"]
    test = compare(small, large, "test")
    gap = gap_difference(small.metrics["train_correct"], large.metrics["train_correct"], total, test)
    gaps = [
        100 * (record.metrics["train_correct"] / total - record.metrics["test_correct"] / test.total)
        for record in (small, large)
    ]
    return Effect(
        name="difference of the gaps between training and test accuracy",
        unit="percentage points",
        parts={"": gap},
        test="normal test of the difference of gaps, paired on the test images, two-sided",
        sentence=f"Training accuracy less test accuracy is {gaps[0]:z.1f} percentage points at batch size 16 "
        f"and {gaps[1]:z.1f} at 1024 (difference ${gap.value:z.1f}$, 95 % interval ${gap.low:z.1f}$ to "
        f"${gap.high:z.1f}$).",
        evidence={"small_gap_points": gaps[0], "large_gap_points": gaps[1]},
    )


claim = partial(Claim, question="2.2a", pages="6 to 7", subjects=(SMALL, LARGE), fixed=("batch_size",))

CLAIMS = (
    claim(
        id="small_batch_more_accurate",
        statement="Batch size 16 gives a higher test accuracy than batch size 1024.",
        measure=leads([(SMALL, LARGE)], "test"),
        source="The best test accuracy is reported for batch size 16: 0.7675.",
    ),
    claim(
        id="small_batch_takes_longer",
        statement="Training with batch size 16 takes longer than with batch size 1024.",
        measure=_updates,
        region=Region(above=1),
        source="Training with the small batch is said to take more time.",
        definition="It makes more updates, which cannot be made at once; seconds would be the machine's.",
    ),
    claim(
        id="small_batch_noisier",
        statement="Training with batch size 16 is noisier than with batch size 1024.",
        measure=oscillates(SMALL, LARGE, "val_loss"),
        region=Region(above=1),
        source="Smaller batches are said to be noisier, being more sensitive to their data.",
        definition="The standard deviation of the change of the validation loss from one epoch to the next, "
        "over the second half of the epochs.",
    ),
    claim(
        id="small_batch_generalizes_better",
        statement="Batch size 16 generalizes better than 1024.",
        measure=_gaps,
        region=Region(below=0),
        source="Small batches are said to generalize better, by a regularizing effect of their noise.",
        definition="The gap between training and test accuracy is smaller. Both runs must beat always "
        "answering the most frequent class: a network that has learned nothing has no gap.",
    ),
)
