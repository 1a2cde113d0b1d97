"""Question 2.2a: the feed-forward network at two batch sizes."""

from __future__ import annotations

import math

from octrepro.claims.claim import Build, Claim, Subject
from octrepro.claims.curve_effects import oscillates
from octrepro.claims.effect import Effect, Region, single
from octrepro.claims.leads import leads
from octrepro.results.accuracies import beats_majority
from octrepro.results.estimate import Estimate, UndeterminedError, t_estimate
from octrepro.results.extremes import compare
from octrepro.results.proportions import PairedComparison

SMALL = Subject("feedforward", "batch size 16")
LARGE = Subject("feedforward_batch1024", "batch size 1024")


def gap_difference(first_train: int, second_train: int, train_total: int, test: PairedComparison) -> Estimate:
    """How much larger the first model's gap between training and test accuracy is than the second's.

    The test accuracies are paired by image, so their difference has the paired variance. The training
    accuracies are taken as independent: conservative, since they are not.

    Returns
    -------
    Estimate
        Difference of the gaps, in percentage points of accuracy, with a normal interval.
    """
    value = (first_train - second_train) / train_total - test.difference / test.total
    shares = (first_train / train_total, second_train / train_total)
    train_variance = sum(p * (1 - p) for p in shares) / train_total
    test_variance = test.variance / (test.total + 2) ** 2
    return t_estimate(100 * value, 100 * math.sqrt(train_variance + test_variance), math.inf)


def _updates(build: Build) -> Effect:
    small, large = (build.record(subject).metrics for subject in (SMALL, LARGE))
    return Effect(
        "ratio of updates",
        "times",
        single(small["updates"] / large["updates"]),
        "exact counts",
        f"Batch size 16 makes {small['updates']:,} updates with {small['multiply_adds']:,} multiply-adds, "
        f"batch size 1024 {large['updates']:,} updates with {large['multiply_adds']:,}. Updates wait for "
        "one another.",
        "exact",
        {"small_updates": small["updates"], "large_updates": large["updates"],
         "multiply_adds_ratio": small["multiply_adds"] / large["multiply_adds"]},
    )  # fmt: skip


def _gaps(build: Build) -> Effect:
    small, large = (build.record(subject) for subject in (SMALL, LARGE))
    for subject in (SMALL, LARGE):
        if not beats_majority(build.record(subject)):
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
        "difference of the gaps between training and test accuracy",
        "percentage points",
        (gap,),
        "normal test of the difference of gaps, paired on the test images, two-sided",
        f"Training accuracy less test accuracy is {gaps[0]:z.1f} percentage points at batch size 16 and "
        f"{gaps[1]:z.1f} at 1024 (difference ${gap.value:z.1f}$, 95 % interval ${gap.low:z.1f}$ to "
        f"${gap.high:z.1f}$).",
        evidence={"small_gap_points": gaps[0], "large_gap_points": gaps[1]},
    )


CLAIMS = (
    Claim(
        id="small_batch_more_accurate",
        question="2.2a",
        statement="Batch size 16 gives a higher test accuracy than batch size 1024.",
        measure=leads([(SMALL, LARGE)], "test"),
        region=Region(above=0),
        source="The best test accuracy is reported for batch size 16: 0.7675.",
        pages="6 to 7",
        subjects=(SMALL, LARGE),
        fixed=("batch_size",),
    ),
    Claim(
        id="small_batch_takes_longer",
        question="2.2a",
        statement="Training with batch size 16 takes longer than with batch size 1024.",
        measure=_updates,
        region=Region(above=1),
        source="Training with the small batch is said to take more time.",
        pages="6 to 7",
        definition="It makes more updates, which cannot be made at once; seconds would be the machine's.",
        subjects=(SMALL, LARGE),
        fixed=("batch_size",),
    ),
    Claim(
        id="small_batch_noisier",
        question="2.2a",
        statement="Training with batch size 16 is noisier than with batch size 1024.",
        measure=oscillates(SMALL, LARGE, "val_loss"),
        region=Region(above=1),
        source="Smaller batches are said to be noisier, being more sensitive to their data.",
        pages="6 to 7",
        definition="The standard deviation of the change of the validation loss from one epoch to the next, "
        "over the second half of the epochs.",
        subjects=(SMALL, LARGE),
        fixed=("batch_size",),
    ),
    Claim(
        id="small_batch_generalizes_better",
        question="2.2a",
        statement="Batch size 16 generalizes better than 1024.",
        measure=_gaps,
        region=Region(below=0),
        source="Small batches are said to generalize better, by a regularizing effect of their noise.",
        pages="6 to 7",
        definition="The gap between training and test accuracy is smaller. Both runs must beat always "
        "answering the most frequent class: a network that has learned nothing has no gap.",
        subjects=(SMALL, LARGE),
        fixed=("batch_size",),
    ),
)
