"""What a claim is: what is measured of a build's runs for it, and where that lies when the claim is true."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from octrepro.core.records import RunRecord
from octrepro.results.estimate import Estimate, UndeterminedError
from octrepro.study.runs import RUNS

Parts = dict[str, Estimate]


@dataclass(frozen=True)
class Subject:
    """A run that a claim speaks of, and how a sentence calls it."""

    run: str
    phrase: str


@dataclass(frozen=True)
class Build:
    """What claims are judged on: the records of one data set's runs, and the Boolean verification."""

    records: Mapping[str, RunRecord]
    verification: Mapping[str, Any]


@dataclass(frozen=True)
class Effect:
    """How large, in which unit, and how sure. Texts are Markdown.

    What is `exact` is the same for every seed and image, such as counts and enumeration. What is `observed`
    is of this training run, without a model of chance until there are seeds. What is `tested` has an
    interval.
    """

    name: str  # what is measured; empty for what is yes (1) or no (0)
    unit: str
    parts: Parts  # by what each compares, in words, where the name does not say it; all must be in the region
    test: str | None  # where the intervals come from
    sentence: str  # what was found
    kind: Literal["exact", "observed", "tested"] | None = "tested"  # None where nothing could be measured
    evidence: Mapping[str, float | int] = field(default_factory=dict)  # the numbers behind it
    aside: str = ""  # what matters besides where one training run decides
    seeds: int = 1  # that it is the mean of


def single(value: float, label: str = "", *, is_ratio: bool = False) -> Parts:
    """The one part of an effect that has no interval."""
    return {label: Estimate(value, value, value, is_ratio=is_ratio)}


def yes_or_no(answer: bool, test: str, sentence: str, evidence: Mapping[str, float | int]) -> Effect:
    """An exact answer, as 1 or 0."""
    return Effect("", "", single(int(answer)), test, sentence, "exact", evidence)


@dataclass(frozen=True)
class Region:
    """Where an effect lies when the claim is true: above one bound, below another, or between two."""

    above: float | None = None
    below: float | None = None

    def contains(self, value: float) -> bool:
        """Whether a value lies inside."""
        return (self.above is None or value > self.above) and (self.below is None or value < self.below)

    def p_values(self, parts: Collection[Estimate]) -> tuple[float, float]:
        """P-values for the claim holding and for its failing; 1 without any part.

        To hold, every part must lie inside at 5 %, so the largest p-value counts (the intersection-union test
        of R. L. Berger, Technometrics 24, 1982). To fail, one part must lie outside; the smallest p-value
        counts, times the number of parts (Bonferroni). A part without a model of chance gives 0 or 1.
        """
        if not parts:
            return 1.0, 1.0
        inside, outside = zip(*map(self._p_values, parts), strict=True)
        return max(inside), min(1.0, len(parts) * min(outside))

    def least_favorable(self, parts: Parts) -> str:
        """Which part is most surely outside or, with none outside, least surely inside."""

        def standing(label: str) -> tuple[float, float, float]:
            inside, outside = self._p_values(parts[label])
            return outside, -inside, parts[label].value

        return min(parts, key=standing)

    def _p_values(self, part: Estimate) -> tuple[float, float]:
        """For lying inside and outside: 1 for where the value does not lie."""
        bounds = [bound for bound in (self.above, self.below) if bound is not None]
        nearest = 0.0 if part.se is None else max(map(part.p_value, bounds))
        return (nearest, 1.0) if self.contains(part.value) else (1.0, nearest)


@dataclass(frozen=True)
class Claim:
    """One claim, declared.

    The parameters named in `fixed`, and the models of its runs, must be the source report's, or the claim is
    about other runs. A run that the source report does not have may have any.
    """

    id: str
    question: str  # of the source report
    statement: str  # what is claimed, as one testable sentence
    measure: Callable[[Build], Effect]
    region: Region = Region(above=0)  # where the effect lies when the claim is true
    source: str = ""  # what the source report says, in our words; empty for a claim that it does not make
    pages: str = ""
    definition: str = ""  # our threshold and the reason for it; empty where the statement says it all
    subjects: tuple[Subject, ...] = ()  # the runs it speaks of
    fixed: tuple[str, ...] = ()

    def require_runs(self, build: Build) -> None:
        """Raise an UndeterminedError where the runs of a build cannot serve."""
        for run in (subject.run for subject in self.subjects):
            if run not in build.records:
                raise UndeterminedError(f"`{run}` is not among the runs")
            record = build.records[run]
            protocol = RUNS[run].parameters if run in RUNS else record.experiment
            for name in ("model", *self.fixed):
                ours, theirs = record.experiment.get(name), protocol.get(name)
                if ours != theirs:
                    raise UndeterminedError(
                        f"`{run}` was run with {name.replace('_', ' ')} {ours}, not {theirs}"
                    )
            if record.metrics["diverged"]:
                raise UndeterminedError(f"`{run}` diverged in epoch {record.metrics['diverged_epoch']}")
