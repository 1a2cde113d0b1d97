"""Judging a claim over seeds, beside its judgement on one run, and naming how strong that makes it.

The single-run tests ask whether another sample of *images* could overturn a verdict. With replicates the
same effect is measured on every seed, the runs of a comparison paired by seed, and a t interval of its mean
asks whether other *seeds* could.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from octrepro.core.records import RunRecord
from octrepro.results.estimate import Estimate, UndeterminedError, sample_mean

if TYPE_CHECKING:
    from octrepro.claims.claim import Case, Need

TEST = "mean over seeds, runs paired by seed, 95 % t interval"


@dataclass(frozen=True)
class Region:
    """Where a claim's effect lies when the claim is true, and how to measure it on one seed.

    Attributes
    ----------
    above, below
        Bounds; None where there is none.
    ratio
        Whether the effect is a ratio, whose logarithm is averaged.
    measure
        The effect of one seed's runs, where it is not that of the claim's own finding.
    name, unit
        Of such a measure.
    """

    above: float | None = None
    below: float | None = None
    ratio: bool = False
    measure: Callable[[Case], float] | None = None
    name: str = ""
    unit: str = ""

    def holds(self, value: float) -> bool:
        """Whether a value lies inside."""
        return (self.above is None or value > self.above) and (self.below is None or value < self.below)

    def verdict(self, mean: Estimate) -> str:
        """Whether the whole interval lies inside, outside on one side, or across a bound."""
        if self.holds(mean.low) and self.holds(mean.high):
            return "holds"
        outside = (self.above is not None and mean.below(self.above)) or (
            self.below is not None and mean.above(self.below)
        )
        return "fails" if outside else "inconclusive"

    @property
    def bound(self) -> float | None:
        """The one bound; None where there are two."""
        bounds = [bound for bound in (self.above, self.below) if bound is not None]
        return bounds[0] if len(bounds) == 1 else None


@dataclass(frozen=True)
class OverSeeds:
    """What a claim's effect came to over seeds.

    Attributes
    ----------
    estimate
        The mean (geometric for a ratio) and its interval.
    sd
        Standard deviation over seeds; of the logarithm for a ratio.
    inside
        Seeds whose effect, taken alone, is on the claim's side.
    diverged
        Seeds left out because a run of the claim diverged.
    """

    verdict: str
    estimate: Estimate
    sd: float
    seeds: int
    inside: int
    diverged: int
    p_value: float | None


def cases_by_seed(case: Case, needs: Sequence[Need]) -> list[Case]:
    """The case as it is on each seed, the run's own first; empty where a run has no replicates.

    Raises
    ------
    UndeterminedError
        When the runs were replicated from different seeds.
    """
    own = {need.run: case.records[need.run] for need in needs}
    replicates = {run: record.replicates for run, record in own.items()}
    if not replicates or not all(replicates.values()):
        return []
    seeds = next(iter(replicates.values())).keys()
    if any(each.keys() != seeds for each in replicates.values()):
        raise UndeterminedError("the runs were trained from different seeds")
    further = [{run: each[seed] for run, each in replicates.items()} for seed in seeds]
    return [type(case)(records, case.verification) for records in (own, *further)]


def judge_over_seeds(
    region: Region, effect: Callable[[Case], float], needs: Sequence[Need], case: Case
) -> OverSeeds | None:
    """Judge an effect over seeds; None where there are no replicates.

    Raises
    ------
    UndeterminedError
        When it cannot be measured on a seed, or too few seeds are left.
    """
    cases = cases_by_seed(case, needs)
    if not cases:
        return None
    sound = [each for each in cases if not _diverged(each.records)]
    values = [(region.measure or effect)(each) for each in sound]
    if region.ratio and any(value <= 0 for value in values):
        raise UndeterminedError("a seed's ratio has no logarithm")
    null = 0.0 if region.bound is None else math.log(region.bound) if region.ratio else region.bound
    mean = sample_mean([math.log(value) for value in values] if region.ratio else values, null)
    estimate = mean.estimate
    if region.ratio:
        estimate = Estimate(*(math.exp(end) for end in (estimate.value, estimate.low, estimate.high)))
    return OverSeeds(
        verdict=region.verdict(estimate),
        estimate=estimate,
        sd=mean.sd,
        seeds=len(values),
        inside=sum(map(region.holds, values)),
        diverged=len(cases) - len(sound),
        p_value=None if region.bound is None else mean.estimate.p_value,
    )


def _diverged(records: Mapping[str, RunRecord]) -> bool:
    return any(record.metrics["diverged"] for record in records.values())


def strength(single: str, seeds: str) -> str:
    """How far a single run's verdict is borne out by the verdict over seeds."""
    if single == seeds:
        return (
            "within chance on one seed and over seeds" if single == "inconclusive" else "borne out over seeds"
        )
    if seeds == "inconclusive":
        return "on one seed only"
    if single == "inconclusive":
        return f"{seeds} over seeds only"
    return "contradicted over seeds"


def words(found: OverSeeds, name: str, unit: str, single: str) -> str:
    """The finding as a sentence in Markdown."""
    from octrepro.claims.comparisons import p_text, scientific

    estimate = found.estimate
    low, mean, high = (scientific(end, 3) for end in (estimate.low, estimate.value, estimate.high))
    p = "" if found.p_value is None else f", {p_text(found.p_value)}"
    left_out = f" ({found.diverged} more diverged)" if found.diverged else ""
    return (
        f"Over {found.seeds} seeds{left_out} the {name} is {mean} {unit} in the mean (95 % interval {low} to "
        f"{high}{p}), on the claim’s side in {found.inside} of {found.seeds}: "
        f"{strength(single, found.verdict)}."
    )


def entry(found: OverSeeds, name: str, unit: str, single: str) -> dict[str, Any]:
    """What claims.json says of it, numbers as they are."""
    return {
        "verdict": found.verdict,
        "strength": strength(single, found.verdict),
        "sentence": words(found, name, unit, single),
        "effect": name,
        "unit": unit,
        "mean": found.estimate.value,
        "low": found.estimate.low,
        "high": found.estimate.high,
        "sd": found.sd,
        "seeds": found.seeds,
        "on_the_claims_side": found.inside,
        "diverged": found.diverged,
        "p_value": found.p_value,
        "test": TEST,
    }
