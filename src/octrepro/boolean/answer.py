"""The verdict on one construction in words, for a reader who checks an answer."""

from __future__ import annotations

from collections.abc import Iterator

from octrepro.boolean.networks import LONGEST_VECTOR, Example, Family
from octrepro.boolean.verification import Verdict

__all__ = ["answer"]


def answer(verdict: Verdict) -> str:
    """What was found about a construction, a few lines of plain text ending with a newline."""
    # A title may hold anything; control characters would reach the reader's terminal.
    lines = ("".join(c if c.isprintable() else "?" for c in line) for line in _lines(verdict))
    return "\n".join(lines) + "\n"


def _lines(verdict: Verdict) -> Iterator[str]:
    yield f"{verdict.family.name}: {verdict.family.title}"
    yield from _network(verdict.family)
    yield ""
    yield f"Verdict: {_summary(verdict)}"
    yield (
        f"  enumerated: every D up to {verdict.max_dimension}, every -D <= A <= B <= D, every x: "
        f"{verdict.evaluated:,} evaluations, {verdict.mismatches:,} of them wrong"
    )
    if verdict.reason:
        yield f"  NOT DECIDED for larger D: {verdict.reason}"
    elif verdict.proof == "proved":
        yield "  proved by z3 for every D, A, B and x (a proof to check: --certificate FILE.v, make prove)"
    if wrong := verdict.first_counterexample:
        yield "  smallest counterexample:"
        yield from _example(wrong)
        return
    if found := verdict.breaking:
        yield "  a place where it breaks:"
        yield from _example(found.example)
        e1 = "e_1" if found.step > 0 else "-e_1"
        yield f"    along v = {e1}: h(x + t v) = {found.value:+d} for small t > 0"
        return
    known = f"every D up to {verdict.max_dimension}" if verdict.reason else "every D"
    yield (
        f"  guaranteed radius: h(x + d) = f(x) whenever every |d_i| < ({verdict.margin}) / D, for {known}; "
        "not for a larger one"
    )
    if verdict.tightest:
        yield "  it is tightest at:"
        yield from _example(verdict.tightest)


def _summary(verdict: Verdict) -> str:
    scope = f" for every D up to {verdict.max_dimension}" if verdict.reason else " for every D"
    if not verdict.computes:
        return "it does NOT compute f"
    if not verdict.robust:
        return f"it computes f{scope}, but it is NOT robust"
    return f"it computes f robustly{scope}"


def _network(family: Family) -> Iterator[str]:
    v1, v2, c = family.output
    for index, (weight, bias) in enumerate(family.hidden, start=1):
        yield f"  hidden {index} ({family.activation}): all weights {weight.text}, bias {bias.text}"
    yield f"  output (sign): weights {v1.text} and {v2.text}, bias {c.text}"


def _example(example: Example) -> Iterator[str]:
    z = example.network.pre_activations(example.s)
    vector = f"({', '.join(f'{v:+d}' for v in example.x)})" if example.D <= LONGEST_VECTOR else "any vertex"
    yield f"    D = {example.D}, A = {example.A}, B = {example.B}"
    yield f"    x = {vector} with sum {example.s}"
    yield f"    pre-activations: hidden 1: {z.hidden_1}, hidden 2: {z.hidden_2}, output: {z.output}"
    yield f"    h(x) = {example.network(example.s):+d}, f(x) = {example.f:+d}"
