"""Judging claims: from a build to the entries of claims.json.

Where a claim's runs were trained from several seeds, its verdict is about the method and rests on the mean
over seeds; otherwise it is about the one training run. All claims that rest on a test share one error rate of
5 %, by Holm's method; exact facts take no part in it.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from octrepro.claims.claim import Build, Claim, Effect
from octrepro.claims.effects import scientific
from octrepro.results.estimate import ALPHA, Estimate, UndeterminedError, sample_mean, stable

# Of a number rounded to the nearest whole one.
ROUNDING_SD = 1 / math.sqrt(12)


def judge_all(claims: Sequence[Claim], build: Build) -> list[dict[str, Any]]:
    """The entries of claims.json; floats have 6 significant digits."""
    effects = {claim.id: measured(claim, build) for claim in claims}
    p_values = {claim.id: claim.region.p_values(effects[claim.id].parts.values()) for claim in claims}
    tested = [name for name, effect in effects.items() if effect.kind == "tested"]
    adjusted = dict(zip(tested, holm([min(p_values[name]) for name in tested]), strict=True))
    return [_entry(claim, effects[claim.id], p_values[claim.id], adjusted.get(claim.id)) for claim in claims]


def verdict(p_values: tuple[float, float]) -> str:
    """The verdict from the p-values for holding and for failing."""
    holds, fails = p_values
    if holds < ALPHA:
        return "holds"
    return "fails" if fails < ALPHA else "inconclusive"


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for their number: at most 5 % of ledgers have a false verdict when each is below 5 %.

    S. Holm (1979), Scandinavian Journal of Statistics 6.
    """
    order = np.argsort(p_values)
    steps = np.arange(len(p_values), 0, -1) * np.array(p_values)[order]
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted.tolist()


def measured(claim: Claim, build: Build) -> Effect:
    """A claim's effect, over seeds where there are any; one without parts says why there is none."""
    try:
        claim.require_runs(build)
        own = claim.measure(build)
        further = [] if own.kind == "exact" else _builds_by_seed(claim, build)
        if further:
            return _over_seeds(claim, own, further)
    except UndeterminedError as error:
        return Effect("", "", {}, None, f"This cannot be judged here: {error}.", kind=None)
    if own.kind != "tested":
        return own
    return replace(own, sentence=f"The {_size(claim, own)}.", aside=f"{own.sentence} {own.aside}")


def _builds_by_seed(claim: Claim, build: Build) -> list[Build]:
    """The build as it is on each further seed that all runs of the claim have."""
    records = {subject.run: build.records[subject.run] for subject in claim.subjects}
    seeds = dict.fromkeys(seed for record in records.values() for seed in record.replicates)
    return [
        Build({run: record.replicates[seed] for run, record in records.items()}, build.verification)
        for seed in seeds
        if all(seed in record.replicates for record in records.values())
    ]


def _over_seeds(claim: Claim, own: Effect, further: Sequence[Build]) -> Effect:
    """The effect's mean over seeds, part by part; seeds in which a run diverged are left out."""
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
    mean = replace(
        own,
        parts={label: _mean([effect.parts[label] for effect in effects]) for label in own.parts},
        kind="tested",
        test="paired by seed: mean over seeds, 95 % t interval",
        seeds=len(effects),
        aside=f"The run of the first seed: {own.sentence}",
    )
    inside = sum(
        all(claim.region.contains(part.value) for part in effect.parts.values()) for effect in effects
    )
    left_out = f" ({len(further) - len(finished)} more diverged)" if len(finished) < len(further) else ""
    return replace(
        mean,
        sentence=f"Over {len(effects)} seeds{left_out}, on the same images, the {_size(claim, mean)}; in "
        f"{inside} of {len(effects)} seeds the numbers are on the claim's side.",
    )


def _mean(seeds: Sequence[Estimate]) -> Estimate:
    values, is_ratio = [each.value for each in seeds], seeds[0].is_ratio
    # Seeds that agree on a count agree to within its rounding, not without any variation.
    counted = not is_ratio and all(float(value).is_integer() for value in values)
    return sample_mean(values, is_ratio=is_ratio, least_sd=ROUNDING_SD if counted else 0.0)


def _size(claim: Claim, effect: Effect) -> str:
    """How large an effect is where the claim is least sure, with its interval, as a clause."""
    label = claim.region.least_favorable(effect.parts)
    found = effect.parts[label]
    many = f", the least favorable of {len(effect.parts)}" if len(effect.parts) > 1 else ""
    of = f" ({label}{many})" if label else ""
    unit = "" if found.is_ratio else f" {effect.unit}"
    low, value, high = (scientific(end) for end in (found.low, found.value, found.high))
    mean = " on average" if effect.seeds > 1 else ""
    return f"{effect.name}{of} is {value}{unit}{mean} (95 % interval {low} to {high})"


def _entry(
    claim: Claim, effect: Effect, p_values: tuple[float, float], adjusted: float | None
) -> dict[str, Any]:
    found, sentence, size = verdict(p_values), effect.sentence, None
    if found != "inconclusive" and adjusted is not None and adjusted >= ALPHA:
        found = "inconclusive"
        sentence += " Alone this would decide the claim; among all claims tested it does not."
    if effect.name:
        part = effect.parts[claim.region.least_favorable(effect.parts)]
        low, high = (part.low, part.high) if effect.kind == "tested" else (None, None)
        size = {"name": effect.name, "value": part.value, "low": low, "high": high, "unit": effect.unit}
    return {
        "id": claim.id,
        "question": claim.question,
        "statement": claim.statement,
        "verdict": found,
        "sentence": f"{sentence} {effect.aside}".rstrip(),
        "evidence": {name: stable(value) for name, value in effect.evidence.items()},
        "effect": size and {name: stable(value) for name, value in size.items()},
        "kind": effect.kind,
        "seeds": effect.seeds,  # that the effect is the mean of
        "test": effect.test,
        "p_value": None if adjusted is None else stable(min(p_values)),
        "p_adjusted": stable(adjusted),  # for the number of tested claims
        "definition": claim.definition,
        "reference": claim.source,
        "pages": claim.pages,
    }
