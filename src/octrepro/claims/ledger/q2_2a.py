"""Question 2.2a: the feed-forward network at two batch sizes."""

from __future__ import annotations

from octrepro.claims.claim import Case, Claim, Effect, Finding, Need, Verdict
from octrepro.claims.comparisons import better, compare, is_constant, p_text
from octrepro.claims.seeds import Region
from octrepro.claims.statistics.gaps import gap_difference
from octrepro.results.estimate import UndeterminedError

SMALL = Need("feedforward", "batch size 16", {"model": "feedforward", "batch_size": 16})
LARGE = Need("feedforward_batch1024", "batch size 1024", {"model": "feedforward", "batch_size": 1024})


def _more_accurate(case: Case) -> Finding:
    return better(case, SMALL, LARGE, "test")


def _takes_longer(case: Case) -> Finding:
    small, large = (case.records[need.run].metrics for need in (SMALL, LARGE))
    updates = (small["updates"], large["updates"])
    operations = (small["multiply_adds"], large["multiply_adds"])
    if updates[0] > updates[1] and operations[0] >= operations[1]:
        verdict = Verdict.HOLDS
    elif updates[0] <= updates[1] and operations[0] <= operations[1]:
        verdict = Verdict.FAILS
    else:
        verdict = Verdict.INCONCLUSIVE
    return Finding(
        verdict,
        {
            "small_updates": updates[0],
            "large_updates": updates[1],
            "updates_ratio": updates[0] / updates[1],
            "small_multiply_adds": operations[0],
            "large_multiply_adds": operations[1],
            "multiply_adds_ratio": operations[0] / operations[1],
        },
        Effect("ratio of updates", updates[0] / updates[1], "times"),
        "exact counts",
    )


def _generalises_better(case: Case) -> Finding:
    small, large = (case.records[need.run].metrics for need in (SMALL, LARGE))
    for need in (SMALL, LARGE):
        if is_constant(case.records[need.run], "test"):
            raise UndeterminedError(
                f"{need.label} gives every test image the same class, so that a small gap is no sign of "
                "generalising"
            )
    test = compare(case.records, SMALL.run, LARGE.run, "test")
    gap, p_value = gap_difference(small["train_correct"], large["train_correct"], small["train_total"], test)
    if gap.below(0):
        verdict = Verdict.HOLDS
    elif gap.above(0):
        verdict = Verdict.FAILS
    else:
        verdict = Verdict.INCONCLUSIVE
    gaps = [
        100 * (metrics["train_correct"] / metrics["train_total"] - correct / test.total)
        for metrics, correct in ((small, test.first_correct), (large, test.second_correct))
    ]
    return Finding(
        verdict,
        {
            "small_gap_points": gaps[0],
            "large_gap_points": gaps[1],
            "gap_difference": gap.value,
            "gap_low": gap.low,
            "gap_high": gap.high,
            "p_value": p_value,
        },
        Effect.of("difference of the gaps between training and test accuracy", gap, "accuracy"),
        "normal test of the difference of gaps, paired on the test images, two-sided, at 5 %",
        {
            "p": p_text(p_value),
            "points": f"${100 * gap.value:z.1f}$ points, 95 % interval ${100 * gap.low:z.1f}$ to "
            f"${100 * gap.high:z.1f}$",
        },
    )


_COSTS = (
    "batch size 16 makes {small_updates:,} updates and {small_multiply_adds:,} multiply-adds, batch size "
    "1024 {large_updates:,} and {large_multiply_adds:,}"
)
_GAPS = (
    "training accuracy less test accuracy is {small_gap_points:z.1f} percentage points at batch size 16 and "
    "{large_gap_points:z.1f} at 1024 (difference {points}, {p})"
)

CLAIMS = (
    Claim(
        id="small_batch_more_accurate",
        question="2.2a",
        statement="Batch size 16 gives a higher test accuracy than batch size 1024.",
        reference="The best test accuracy is reported for batch size 16: 0.7675.",
        pages="6 to 7",
        needs=(SMALL, LARGE),
        judge=_more_accurate,
        over_seeds=Region(above=0),
        holds="The small batch does better: {counts} ({tested}).",
        fails="The small batch does worse: {counts} ({tested}).",
        inconclusive="Which batch size does better is within chance: {counts} ({tested}).",
    ),
    Claim(
        id="small_batch_takes_longer",
        question="2.2a",
        statement="Training with batch size 16 takes longer than with batch size 1024.",
        reference="Training with the small batch is said to take more time.",
        pages="6 to 7",
        needs=(SMALL, LARGE),
        judge=_takes_longer,
        holds=f"It does take longer in updates, which have to wait for one another: {_COSTS} (ratios "
        "{updates_ratio:.3g} and {multiply_adds_ratio:.3g}).",
        fails=f"It does not take longer: {_COSTS}.",
        inconclusive=f"The two costs disagree: {_COSTS}.",
    ),
    Claim(
        id="small_batch_generalises_better",
        question="2.2a",
        statement="Batch size 16 generalises better than 1024: a smaller gap between training and test "
        "accuracy.",
        reference="Small batches are said to generalise better, by a regularising effect of their noise.",
        pages="6 to 7",
        needs=(SMALL, LARGE),
        judge=_generalises_better,
        over_seeds=Region(below=0),
        holds=f"The small batch has the smaller gap: {_GAPS}.",
        fails=f"The small batch has the larger gap: {_GAPS}.",
        inconclusive=f"Which batch size has the smaller gap is within chance: {_GAPS}.",
    ),
)
