"""The keys of an entry of claims.json, for those who read it; floats have 6 significant digits."""

from __future__ import annotations

from typing import TypedDict


class EffectEntry(TypedDict):
    """How large an effect is, in which unit; without an interval where there is no model of chance."""

    name: str
    value: float | int | None
    low: float | None
    high: float | None
    unit: str


class Entry(TypedDict):
    """One claim with its verdict. Texts are Markdown; what could not be judged has nulls."""

    id: str
    question: str
    statement: str
    verdict: str  # holds, fails or inconclusive
    sentence: str  # what was found
    evidence: dict[str, float | int | None]
    effect: EffectEntry | None  # null too for what is yes or no
    kind: str | None  # exact, observed in one training run, or tested
    seeds: int  # that the effect is the mean of
    test: str | None
    p_value: float | None  # of tested claims alone
    p_adjusted: float | None  # for the number of tested claims (Holm)
    definition: str  # how the claim is measured, with our thresholds; may be empty
    reference: str  # what the source report says; empty for a claim that it does not make
    pages: str
