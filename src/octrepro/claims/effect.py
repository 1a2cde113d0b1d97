"""A claim is an effect and a region; the verdict is derived from the two, here and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from octrepro.results.estimate import ALPHA, Estimate, sample_mean


class Verdict(StrEnum):
    """What the data say of a claim."""

    HOLDS = "holds"
    FAILS = "fails"
    INCONCLUSIVE = "inconclusive"


# Of a number rounded to the nearest whole one.
ROUNDING_SD = 1 / math.sqrt(12)

Kind = Literal["exact", "observed", "tested"]
"""What an effect rests on.

`exact`: the same for every seed and image, such as counts and enumeration. `observed`: of this training run,
without a model of chance until there are seeds. `tested`: it has an interval.
"""


@dataclass(frozen=True)
class Effect:
    """How large, in which unit, and how sure.

    Attributes
    ----------
    name, unit
        What is measured, and in what; no name for what is yes (1) or no (0).
    parts
        The estimate; several where a claim speaks of several comparisons. All must lie in the region.
    test
        Where the intervals come from.
    evidence
        The numbers behind it.
    sentence
        What was found, in Markdown.
    aside
        What matters besides where one training run decides, in Markdown.
    labels
        What each part compares, in words; empty where the name says it.
    deciding
        Which of several parts speaks against the claim the most.
    """

    name: str
    unit: str
    parts: tuple[Estimate, ...]
    test: str
    sentence: str = ""
    kind: Kind = "tested"
    evidence: Mapping[str, float | int] = field(default_factory=dict)
    aside: str = ""
    labels: tuple[str, ...] = ()
    deciding: int | None = None

    @property
    def weakest(self) -> Estimate:
        """The part that speaks against the claim the most, the lowest unless `deciding` says which."""
        if self.deciding is not None:
            return self.parts[self.deciding]
        return min(self.parts, key=lambda part: part.value)


def single(value: float, *, is_ratio: bool = False) -> tuple[Estimate]:
    """The one part of an effect that has no interval."""
    return (Estimate(value, value, value, is_ratio=is_ratio),)


@dataclass(frozen=True)
class Region:
    """Where an effect lies when the claim is true: above one bound, below another, or between two."""

    above: float | None = None
    below: float | None = None

    def contains(self, value: float) -> bool:
        """Whether a value lies inside."""
        return (self.above is None or value > self.above) and (self.below is None or value < self.below)

    def p_values(self, effect: Effect) -> tuple[float, float]:
        """P-values for the claim holding and for its failing.

        To hold, every part must lie inside at 5 %, so the largest p-value counts (the intersection-union test
        of R. L. Berger, Technometrics 24, 1982). To fail, one part must lie outside; the smallest p-value
        counts, times the number of parts (Bonferroni). An effect without a model of chance gives 0 or 1.
        """
        if effect.kind != "tested":
            inside = all(self.contains(part.value) for part in effect.parts)
            return (0.0, 1.0) if inside else (1.0, 0.0)
        inside_p = max(max(self._p(part, inside=True), default=1.0) for part in effect.parts)
        outside_p = min(min(self._p(part, inside=False), default=1.0) for part in effect.parts)
        return inside_p, min(1.0, len(effect.parts) * outside_p)

    def least_favorable(self, parts: Sequence[Estimate]) -> int:
        """Which part is most surely outside or, with none outside, least surely inside."""

        def standing(part: Estimate) -> tuple[bool, float]:
            inside = self.contains(part.value)
            return inside, -max(self._p(part, inside=True)) if inside else min(self._p(part, inside=False))

        return min(range(len(parts)), key=lambda index: (*standing(parts[index]), parts[index].value))

    def _p(self, part: Estimate, *, inside: bool) -> Iterator[float]:
        """P-values at the bounds that the value is on the inner or the outer side of; 1 on the other side."""
        if self.above is not None:
            yield part.p_value(self.above) if (part.value > self.above) == inside else 1.0
        if self.below is not None:
            yield part.p_value(self.below) if (part.value < self.below) == inside else 1.0


def over_seeds(effects: Sequence[Effect], region: Region) -> Effect:
    """The effect's mean over seeds, part by part, given the effect of each seed.

    Raises
    ------
    UndeterminedError
        When there are too few seeds, or one has no finite value.
    """
    first = effects[0]
    parts = tuple(_mean(column) for column in zip(*(effect.parts for effect in effects), strict=True))
    return replace(
        first,
        parts=parts,
        kind="tested",
        test="paired by seed: mean over seeds, 95 % t interval",
        deciding=region.least_favorable(parts),
    )


def _mean(seeds: Sequence[Estimate]) -> Estimate:
    values, is_ratio = [each.value for each in seeds], seeds[0].is_ratio
    # Seeds that agree on a count agree to within its rounding, not without any variation.
    counted = not is_ratio and all(float(value).is_integer() for value in values)
    return sample_mean(values, is_ratio=is_ratio, least_sd=ROUNDING_SD if counted else 0.0)


def verdict(p_values: tuple[float, float], alpha: float = ALPHA) -> Verdict:
    """The verdict from the p-values for holding and for failing."""
    holds, fails = p_values
    if holds < alpha:
        return Verdict.HOLDS
    return Verdict.FAILS if fails < alpha else Verdict.INCONCLUSIVE
