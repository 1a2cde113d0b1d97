"""Judging claims: from a build to the entries of claims.json.

Where a claim's runs were trained from several seeds, its verdict is about the method and rests on the mean
over seeds; otherwise it is about the one training run. All claims that rest on a test share one error rate of
5 %, by Holm's method; exact facts take no part in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from octrepro.claims.claim import Build, Claim
from octrepro.claims.effect import Effect, Verdict, over_seeds, verdict
from octrepro.claims.entries import EffectEntry, Entry
from octrepro.claims.sentences import scientific
from octrepro.results.estimate import UndeterminedError, stable


@dataclass(frozen=True)
class Judgment:
    """What one claim came to, before claims are taken together.

    Attributes
    ----------
    effect
        What was measured; None where nothing could be, for the `reason` given as a clause.
    sentence, aside
        What was found, and what matters besides, in Markdown.
    seeds
        How many seeds the effect is the mean of.
    p_values
        For holding and for failing.
    """

    claim: Claim
    effect: Effect | None
    sentence: str
    seeds: int = 1
    p_values: tuple[float, float] = (1.0, 1.0)
    aside: str = ""


def judge_all(claims: Sequence[Claim], build: Build) -> list[Entry]:
    """The entries of claims.json."""
    judged = [judge(claim, build) for claim in claims]
    tested = [each for each in judged if each.effect is not None and each.effect.kind == "tested"]
    adjusted = dict(
        zip((each.claim.id for each in tested), holm([min(each.p_values) for each in tested]), strict=True)
    )
    return [_entry(each, adjusted.get(each.claim.id)) for each in judged]


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for their number: at most 5 % of ledgers have a false verdict when each is below 5 %.

    References
    ----------
    S. Holm (1979), Scandinavian Journal of Statistics 6.
    """
    adjusted, largest = [1.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def judge(claim: Claim, build: Build) -> Judgment:
    """Measure a claim's effect, over seeds where there are any."""
    reason = claim.unmet(build)
    if reason is None:
        try:
            effect = claim.measure(build)
            if effect.kind != "exact" and (further := builds_by_seed(claim, build)):
                return _judge_over_seeds(claim, effect, further)
            return Judgment(claim, effect, effect.sentence, 1, claim.region.p_values(effect), effect.aside)
        except UndeterminedError as error:
            reason = str(error)
    return Judgment(claim, None, f"This cannot be judged here: {reason}.")


def builds_by_seed(claim: Claim, build: Build) -> list[Build]:
    """The build as it is on each further seed; empty where one of the claim's runs has no replicates.

    Raises
    ------
    UndeterminedError
        When the runs were replicated from different seeds.
    """
    own = {subject.run: build.record(subject) for subject in claim.subjects}
    replicates = [record.replicates for record in own.values()]
    if not own or not all(replicates):
        return []
    seeds = replicates[0].keys()
    if any(each.keys() != seeds for each in replicates):
        raise UndeterminedError("the runs were trained from different seeds")
    return [
        Build({run: record.replicates[seed] for run, record in own.items()}, build.verification)
        for seed in seeds
    ]


def _judge_over_seeds(claim: Claim, own: Effect, further: Sequence[Build]) -> Judgment:
    finished = [
        build for build in further if not any(each.metrics["diverged"] for each in build.records.values())
    ]
    effects, reasons = [own], []
    for build in finished:
        try:
            effects.append(claim.measure(build))
        except UndeterminedError as error:
            reasons.append(str(error))
    if reasons:
        raise UndeterminedError(f"{reasons[0]} (in {len(reasons)} of {1 + len(finished)} seeds)")
    effect = over_seeds(effects, claim.region)
    mean, position = effect.weakest, effect.deciding or 0
    inside = sum(all(claim.region.contains(part.value) for part in each.parts) for each in effects)
    low, value, high = (scientific(end, 3) for end in (mean.low, mean.value, mean.high))
    left_out = f" ({len(further) - len(finished)} more diverged)" if len(finished) < len(further) else ""
    many = f", the least favorable of {len(effect.parts)}" if len(effect.parts) > 1 else ""
    of = f" ({effect.labels[position]}{many})" if effect.labels else ""
    unit = "" if mean.is_ratio or not effect.unit else f" {effect.unit}"
    sentence = (
        f"Over {len(effects)} seeds{left_out}, on the same images, the {effect.name}{of} is {value}{unit} on "
        f"average (95 % interval {low} to {high}); in {inside} of {len(effects)} seeds the numbers are on "
        f"the claim's side."
    )
    aside = f"The run of the first seed: {own.sentence}"
    return Judgment(claim, effect, sentence, len(effects), claim.region.p_values(effect), aside)


def _entry(judged: Judgment, adjusted: float | None) -> Entry:
    claim, effect, sentence = judged.claim, judged.effect, judged.sentence
    found = Verdict.INCONCLUSIVE if effect is None else verdict(judged.p_values)
    if found != Verdict.INCONCLUSIVE and adjusted is not None and verdict((adjusted, 1.0)) != Verdict.HOLDS:
        found = Verdict.INCONCLUSIVE
        sentence += " Alone this would decide the claim; among all claims tested it does not."
    return {
        "id": claim.id,
        "question": claim.question,
        "statement": claim.statement,
        "verdict": str(found),
        "sentence": f"{sentence} {judged.aside}".rstrip(),
        "evidence": {}
        if effect is None
        else {name: stable(value) for name, value in effect.evidence.items()},
        "effect": _effect(effect),
        "kind": None if effect is None else effect.kind,
        "seeds": judged.seeds,
        "test": None if effect is None else effect.test,
        "p_value": None if adjusted is None else stable(min(judged.p_values)),
        "p_adjusted": None if adjusted is None else stable(adjusted),
        "definition": claim.definition,
        "reference": claim.source,
        "pages": claim.pages,
    }


def _effect(effect: Effect | None) -> EffectEntry | None:
    if effect is None or not effect.name:
        return None
    part = effect.weakest
    has_interval = effect.kind == "tested"
    return {
        "name": effect.name,
        "value": stable(part.value),
        "low": stable(part.low) if has_interval else None,
        "high": stable(part.high) if has_interval else None,
        "unit": effect.unit,
    }
