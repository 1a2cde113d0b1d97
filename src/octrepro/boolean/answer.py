"""The verdict on one construction in words, for a reader who checks an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from octrepro.boolean.networks import Family
from octrepro.boolean.verification import Break, Place, Verdict

__all__ = ["answer"]


def answer(verdict: Verdict) -> str:
    """What was found about a construction, a few lines of plain text ending with a newline."""
    return "\n".join(_lines(verdict)) + "\n"


def _lines(verdict: Verdict) -> Iterator[str]:
    family = verdict.family
    yield f"{family.name}: {family.title}"
    yield from _network(family)
    yield ""
    yield f"Verdict: {_summary(verdict)}"
    yield (
        f"  checked: every D up to {verdict.max_dimension}, every -D <= A <= B <= D, every x: "
        f"{verdict.evaluated:,} evaluations, {verdict.mismatches:,} of them wrong"
    )
    if verdict.first_counterexample:
        yield "  first counterexample:"
        yield from _place(verdict.first_counterexample)
    elif verdict.units[2].first_break:
        yield "  the first place where it breaks:"
        yield from _break(verdict.units[2].first_break)
    else:
        yield from _radius(verdict)
    yield ""
    yield "Limit of each unit as x + t v -> x, for every x and direction v:"
    for unit in verdict.units:
        holds = "holds" if unit.first_break is None else "fails"
        yield (
            f"  {unit.name:9} {holds}; on its threshold at {unit.on_threshold:,} evaluations, "
            f"smallest |pre-activation| {unit.smallest}"
        )


def _summary(verdict: Verdict) -> str:
    if not verdict.computes:
        return "it does NOT compute f"
    if not verdict.robust:
        return "it computes f, but it is NOT robust"
    return "it computes f robustly"


def _network(family: Family) -> Iterator[str]:
    v1, v2, c = family.output
    for index, (weight, bias) in enumerate(family.hidden, start=1):
        yield f"  hidden {index} ({family.activation}): all weights {weight.text}, bias {bias.text}"
    yield f"  output (sign): weights {v1.text} and {v2.text}, bias {c.text}"


def _place(place: Place) -> Iterator[str]:
    z = place.network.pre_activations(place.x)
    yield f"    D = {place.dimension}, A = {place.A}, B = {place.B}"
    yield f"    x = {_vector(place.x)} with sum {sum(place.x)}"
    yield f"    pre-activations: hidden 1: {z.hidden_1}, hidden 2: {z.hidden_2}, output: {z.output}"
    yield f"    h(x) = {place.h:+d}, f(x) = {place.f:+d}"


def _break(found: Break) -> Iterator[str]:
    yield from _place(found.place)
    until = "all t > 0" if found.until is None else f"0 < t < {found.until}"
    yield f"    along v = {_vector(found.v)}: h(x + t v) = {found.value:+d} for {until}"


def _radius(verdict: Verdict) -> Iterator[str]:
    margins = set(verdict.margins.values())
    formula = f", that is ({margins.pop()}) / D for every D" if len(margins) == 1 else ""
    yield (
        f"  guaranteed radius: h(x + d) = f(x) whenever every |d_i| < {verdict.radius} "
        f"(D up to {verdict.max_dimension}){formula}"
    )
    if verdict.tightest:
        yield "  it is tightest at:"
        yield from _place(verdict.tightest)


def _vector(values: tuple[Any, ...]) -> str:
    return "(" + ", ".join(f"{value:+d}" if value else "0" for value in values) + ")"
