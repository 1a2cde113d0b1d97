"""What a claim is, and how one is judged.

A claim holds or fails only beyond chance; everything else is inconclusive. The sentence that the report
prints is chosen by the verdict and filled with our own numbers, so it cannot say what the data deny.
Each claim stands alone: no correction is made for the number of claims, while a claim that makes several
comparisons pays for them itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from octrepro.claims import seeds
from octrepro.claims.seeds import Region
from octrepro.core.records import RunRecord
from octrepro.results.estimate import Estimate, UndeterminedError, stable


class Verdict(StrEnum):
    """What the data say of a claim."""

    HOLDS = "holds"
    FAILS = "fails"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Need:
    """A run that a claim speaks of.

    Attributes
    ----------
    run
        Its name in params.yaml.
    label
        How a sentence calls it.
    parameters
        The values without which the run is not the one that the claim speaks of.
    """

    run: str
    label: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Effect:
    """How large, in which unit, and how sure. An exact effect has no interval."""

    name: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, name: str, estimate: Estimate, unit: str) -> Effect:
        """The effect that an estimate is of."""
        return cls(name, estimate.value, unit, estimate.low, estimate.high)


@dataclass(frozen=True)
class Finding:
    """What judging a claim came to.

    Attributes
    ----------
    verdict, effect
        What was found, and how large it is.
    evidence
        The numbers behind it.
    test
        The test's name, and what it is made at.
    words
        What the sentence needs beside the evidence.
    compared
        The first and the second run of the evidence, where it is of two.
    """

    verdict: Verdict
    evidence: Mapping[str, float | int | None]
    effect: Effect | None
    test: str
    words: dict[str, str] = field(default_factory=dict)
    compared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """All that claims are judged on: the records of one data set's runs, and the Boolean verification."""

    records: Mapping[str, RunRecord]
    verification: Mapping[str, Any]

    def curve(self, run: str, column: str) -> Any:
        """A column of a run's history, float64, shape (epochs,)."""
        return self.records[run].history[column]


@dataclass(frozen=True)
class Claim:
    """One claim of the source report, declared.

    Attributes
    ----------
    id, question
        Its name, and the question of the report it belongs to.
    statement
        What is claimed, as one testable sentence.
    reference
        What the source report says, in our words.
    pages
        Where the source report says it.
    needs
        The runs it speaks of.
    judge
        The predicate: evidence and verdict from the case.
    holds, fails, inconclusive
        The sentence for each verdict, a template of the finding's evidence and words. Left out where the
        predicate never returns that verdict (what is enumerated to the end is never inconclusive).
    over_seeds
        Where the effect lies when the claim is true, for a second judgement where runs have replicates; None
        for what no seed enters.
    """

    id: str
    question: str
    statement: str
    reference: str
    pages: str
    judge: Callable[[Case], Finding]
    holds: str = ""
    fails: str = ""
    inconclusive: str = ""
    needs: tuple[Need, ...] = ()
    over_seeds: Region | None = None

    def template(self, verdict: Verdict) -> str:
        """The sentence for a verdict, to be filled.

        Raises
        ------
        ValueError
            When the claim declares none: its predicate and its sentences do not fit together.
        """
        sentence = {
            Verdict.HOLDS: self.holds,
            Verdict.FAILS: self.fails,
            Verdict.INCONCLUSIVE: self.inconclusive,
        }[verdict]
        if not sentence:
            raise ValueError(f"the claim {self.id} declares no sentence for the verdict {verdict}")
        return sentence


def judge(claim: Claim, case: Case) -> dict[str, Any]:
    """Judge a claim: its entry in claims.json.

    A claim whose runs are missing, changed or diverged, or whose data are too few for its statistics, is
    inconclusive, and its sentence says why.
    """
    reason = unmet(claim.needs, case.records)
    if reason is None:
        try:
            finding = claim.judge(case)
            return _entry(claim, finding) | _over_seeds(claim, finding, case)
        except UndeterminedError as error:
            reason = str(error)
    return _entry(claim, Finding(Verdict.INCONCLUSIVE, {}, None, "none"), reason)


def unmet(needs: tuple[Need, ...], records: Mapping[str, RunRecord]) -> str | None:
    """Why the runs of a claim cannot serve it, as a clause; None when they can."""
    for need in needs:
        if need.run not in records:
            return f"`{need.run}` is not among the runs"
        record = records[need.run]
        for name, value in need.parameters.items():
            ours = record.experiment.get(name)
            if ours != value:
                return f"`{need.run}` was run with {name.replace('_', ' ')} {ours}, not {value}"
        if record.metrics["diverged"]:
            return f"`{need.run}` diverged in epoch {record.metrics['diverged_epoch']}"
    return None


def _entry(claim: Claim, finding: Finding, reason: str | None = None) -> dict[str, Any]:
    if reason is None:
        sentence = claim.template(finding.verdict).format(**finding.evidence, **finding.words)
    else:
        sentence = f"This cannot be judged here: {reason}."
    effect = finding.effect
    return {
        "id": claim.id,
        "question": claim.question,
        "statement": claim.statement,
        "verdict": str(finding.verdict),
        "reason": reason,
        "sentence": sentence,
        "evidence": {name: stable(value) for name, value in finding.evidence.items()},
        "effect": None
        if effect is None
        else {
            "name": effect.name,
            "value": stable(effect.value),
            "low": stable(effect.low),
            "high": stable(effect.high),
            "unit": effect.unit,
        },
        "compared": list(finding.compared),
        "test": finding.test,
        "reference": claim.reference,
        "pages": claim.pages,
        "needs": [need.run for need in claim.needs],
    }


def _over_seeds(claim: Claim, finding: Finding, case: Case) -> dict[str, Any]:
    """The claim over seeds, as the key `over_seeds` of its entry; nothing where there are no replicates."""
    region, effect = claim.over_seeds, finding.effect
    if region is None or effect is None:
        return {}
    single = str(finding.verdict)
    try:
        found = seeds.judge_over_seeds(region, lambda each: _effect(claim, each), claim.needs, case)
    except UndeterminedError as error:
        return {"over_seeds": {"verdict": None, "sentence": f"Over seeds this cannot be judged: {error}."}}
    if found is None:
        return {}
    entry = seeds.entry(found, region.name or effect.name, region.unit or effect.unit, single)
    return {"over_seeds": {name: stable(value) for name, value in entry.items()}}


def _effect(claim: Claim, case: Case) -> float:
    effect = claim.judge(case).effect
    if effect is None:
        raise UndeterminedError("a seed shows no effect")
    return effect.value
