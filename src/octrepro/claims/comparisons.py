"""Comparing runs image by image, two at a time or one against several, and saying so in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from octrepro.claims.claim import Case, Effect, Finding, Need, Verdict
from octrepro.core.records import RunRecord
from octrepro.results import extremes
from octrepro.results.estimate import ALPHA
from octrepro.results.proportions import PairedComparison

Split = Literal["test", "val"]
SPLIT_NAMES: dict[Split, str] = {"test": "test", "val": "validation"}
MCNEMAR = "exact McNemar test, two-sided, at 5 %"


def compare(records: Mapping[str, RunRecord], first: str, second: str, split: Split) -> PairedComparison:
    """Compare the final predictions of two runs on the test or the validation images."""
    return extremes.compare(records[first], records[second], split)


def better(case: Case, first: Need, second: Need, split: Split = "test") -> Finding:
    """Judge "the first run classifies more images right than the second"."""
    pair = compare(case.records, first.run, second.run, split)
    return _finding(case, _direction(pair, ALPHA), (first, second), pair, split, MCNEMAR)


def ahead_of_all(
    case: Case, leader: Need, rivals: Sequence[Need], split: Split, sign: Literal[1, -1] = 1
) -> Finding:
    """Judge "the leader classifies more images right than each rival", or fewer with `sign` = -1.

    It holds when every comparison is beyond chance: all must reject, so each is made at 5 % without
    correction (the intersection-union test of R. L. Berger, Technometrics 24, 1982). It fails when a rival
    is ahead beyond chance, at 5 % divided by the number of rivals (Bonferroni). The evidence is that of the
    rival that decides.
    """
    runs = [(leader, rival) if sign == 1 else (rival, leader) for rival in rivals]
    pairs = [(both, compare(case.records, both[0].run, both[1].run, split)) for both in runs]
    contrary = [pair for pair in pairs if _direction(pair[1], ALPHA / len(rivals)) is Verdict.FAILS]
    undecided = [pair for pair in pairs if _direction(pair[1], ALPHA) is not Verdict.HOLDS]
    if contrary:
        verdict, decisive = Verdict.FAILS, contrary
    elif undecided:
        verdict, decisive = Verdict.INCONCLUSIVE, undecided
    else:
        verdict, decisive = Verdict.HOLDS, pairs
    both, pair = min(decisive, key=lambda item: item[1].difference)
    test = f"{MCNEMAR}, against each of the others (to hold: all; to fail: any, Bonferroni)"
    near_miss = verdict is Verdict.INCONCLUSIVE and _direction(pair, ALPHA) is Verdict.FAILS
    level = (
        f"; with {len(rivals)} rivals, failing takes less than {ALPHA / len(rivals):.3g}" if near_miss else ""
    )
    return _finding(case, verdict, both, pair, split, test, level)


def _direction(pair: PairedComparison, alpha: float) -> Verdict:
    if pair.p_value >= alpha:
        return Verdict.INCONCLUSIVE
    return Verdict.HOLDS if pair.difference > 0 else Verdict.FAILS


def _finding(
    case: Case,
    verdict: Verdict,
    runs: tuple[Need, Need],
    pair: PairedComparison,
    split: Split,
    test: str,
    level: str = "",
) -> Finding:
    first, second = (f"{need.label}{_caveat(case.records[need.run], split)}" for need in runs)
    images = f"{SPLIT_NAMES[split]} images"
    return Finding(
        verdict=verdict,
        evidence={
            "first_correct": pair.first_correct,
            "second_correct": pair.second_correct,
            "total": pair.total,
            "only_first": pair.only_first,
            "only_second": pair.only_second,
            "difference": pair.difference,
            "difference_low": pair.low,
            "difference_high": pair.high,
            "p_value": pair.p_value,
        },
        effect=Effect(
            f"difference in {images} classified right", pair.difference, "images", pair.low, pair.high
        ),
        test=test,
        words={
            "counts": f"{first} classifies {pair.first_correct} of {pair.total} {images} right and "
            f"{second} {pair.second_correct}",
            "tested": f"{more_or_fewer(pair.difference)}, 95 % interval ${pair.low:z.1f}$ to "
            f"${pair.high:z.1f}$, exact McNemar test {p_text(pair.p_value)}{level}",
        },
        compared=(runs[0].run, runs[1].run),
    )


def is_constant(record: RunRecord, split: Split) -> bool:
    """Whether a run gives every image the same class, so that its accuracy is that class's share."""
    predictions = record.test_predictions if split == "test" else record.val_predictions
    return bool((predictions == predictions[0]).all())


def _caveat(record: RunRecord, split: Split) -> str:
    return " (which gives every image the same class)" if is_constant(record, split) else ""


def more_or_fewer(images: int) -> str:
    """A difference in images, in words."""
    if images == 0:
        return "no image more or fewer"
    noun = "image" if abs(images) == 1 else "images"
    return f"{abs(images)} {noun} {'more' if images > 0 else 'fewer'}"


def scientific(value: float, digits: int = 2) -> str:
    """A number as mathematics in Markdown, with a power of ten where it is small or large."""
    if value == 0 or 0.001 <= abs(value) < 10_000:
        return f"${value:.{digits}g}$"
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return rf"${mantissa} \times 10^{{{int(exponent)}}}$"


def p_text(p: float) -> str:
    """A p-value as mathematics in Markdown."""
    return "$p < 0.0001$" if p < 0.0001 else f"$p = {p:.2g}$"
