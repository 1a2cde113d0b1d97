"""Question 3.1: the Boolean function, single perceptrons, and the networks as printed.

The verdicts come from the verification of the constructions, which is the same for every data set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from octrepro.claims.claim import Build, Claim
from octrepro.claims.effect import Effect, Region, single
from octrepro.results.estimate import UndeterminedError

# The source report's counter-example: D, A, B.
EXAMPLE = (2, -1, 1)
METHODS = "z3 for all D, A, B and x; exhaustive enumeration for small D, in integers"


def _single_perceptron(build: Build) -> Effect:
    rows = build.verification["separability"]["rows"]
    separable = {(row["dimension"], row["A"], row["B"]): row["separable"] for row in rows}
    if EXAMPLE not in separable:
        raise UndeterminedError("the separability table has no row for D = 2, A = -1, B = 1")
    impossible, largest = len(rows) - sum(separable.values()), max(row["dimension"] for row in rows)
    return Effect(
        "",
        "",
        single(int(separable[EXAMPLE])),
        "a witness for every case, in integers: weights, or four vertices that exclude all weights",
        f"Of the {len(rows)} cases with $D$ up to {largest}, {impossible} have no single perceptron, and "
        f"the counter-example is {'not ' * separable[EXAMPLE]}among them.",
        "exact",
        {"impossible": impossible, "cases": len(rows), "max_dimension": largest},
    )


def _construction(build: Build, name: str) -> dict[str, Any]:
    for construction in build.verification["constructions"]:
        if construction["name"] == name:
            return {**construction, "max_dimension": build.verification["max_dimension"]}
    raise UndeterminedError(f"`{name}` is not among the constructions")


def _yes_or_no(answer: bool, construction: dict[str, Any], sentence: str) -> Effect:
    counts = {key: construction[key] for key in ("mismatches", "evaluated", "max_dimension")}
    return Effect("", "", single(int(answer)), METHODS, sentence, "exact", counts)


def _correctness(construction: dict[str, Any]) -> str:
    """Where a construction goes wrong, as a sentence."""
    wrong, first = construction["mismatches"], construction["first_counterexample"]
    inputs = f"{construction['evaluated']:,} inputs with $D$ up to {construction['max_dimension']}"
    if construction["for_all_dimensions"] == "proved":
        return "It is correct on every input, for every $D$, $A$ and $B$."
    if first is None:
        return f"It is correct on all {inputs}; larger $D$ are not decided."
    x = f"({', '.join(f'{value:+d}' for value in first['x'])})" if first["x"] else "\\dots"
    return (
        f"It is wrong on {wrong:,} of {inputs}, first at $D = {first['dimension']}$, $A = {first['A']}$, "
        f"$B = {first['B']}$, $x = {x}$, where $f = {first['f']}$ and $h = {first['h']}$."
    )


def _robustness(construction: dict[str, Any]) -> str:
    if not construction["robust"]:
        return "An arbitrarily small step changes its answer at some input."
    return f"Each input may move by any amount below $m / D$ with $m = {construction['margin']}$."


def _wrong(name: str) -> Callable[[Build], Effect]:
    def measure(build: Build) -> Effect:
        found = _construction(build, name)
        return _yes_or_no(found["verdict"] == "fails", found, _correctness(found))

    return measure


def _correct_and_robust(name: str) -> Callable[[Build], Effect]:
    def measure(build: Build) -> Effect:
        found = _construction(build, name)
        wrong = found["verdict"] == "fails"
        sentence = _correctness(found) + ("" if wrong else f" {_robustness(found)}")
        return _yes_or_no(found["robust"], found, sentence)

    return measure


def _not_robust(name: str) -> Callable[[Build], Effect]:
    def measure(build: Build) -> Effect:
        found = _construction(build, name)
        return _yes_or_no(found["robust"], found, _robustness(found))

    return measure


def _computes_claim(name: str, what: str, question: str, pages: str, source: str) -> Claim:
    return Claim(
        id=f"{name}_computes",
        question=question,
        statement=f"{what}, as printed, computes $f$.",
        measure=_wrong(name),
        region=Region(below=1),
        source=source,
        pages=pages,
    )


def _robust_claim(name: str, what: str, question: str, pages: str, source: str) -> Claim:
    return Claim(
        id=f"{name}_version",
        question=question,
        statement=f"{what}, as printed, computes $f$ and is robust to infinitesimal perturbations.",
        measure=_correct_and_robust(name),
        region=Region(above=0),
        source=source,
        pages=pages,
    )


CLAIMS = (
    Claim(
        id="no_single_perceptron",
        question="3.1a",
        statement="No single perceptron computes $f$ in general: none does for $D = 2$, $A = -1$ and "
        "$B = 1$.",
        measure=_single_perceptron,
        region=Region(below=1),
        source="Two dimensions with $A = -1$, $B = 1$ are given as the counter-example.",
        pages="11",
    ),
    _computes_claim(
        "printed_sign",
        "The network of two sign units",
        "3.1b",
        "12 to 13",
        "The first version is said to compute $f$.",
    ),
    Claim(
        id="printed_sign_not_robust",
        question="3.1b",
        statement="The first network of two sign units is not robust to infinitesimal perturbations.",
        measure=_not_robust("printed_sign"),
        region=Region(below=1),
        source="A single input with $D = A = B = 1$ is given as the example.",
        pages="13",
    ),
    _robust_claim(
        "printed_sign_robust",
        "The robust network of two sign units",
        "3.1b",
        "13 to 14",
        "With $k_1 = 1$ and $k_2 = 10$ it is said to compute $f$ and to be robust.",
    ),
    _computes_claim(
        "printed_relu",
        "The network of two ReLU units",
        "3.1c",
        "14 to 15",
        "It is printed with output bias -1, while its argument uses 0, and is said to compute $f$.",
    ),
    _robust_claim(
        "printed_relu_robust",
        "The robust network of two ReLU units",
        "3.1c",
        "15 to 16",
        "With $k_1 = 1$ and $k_2 = 10$ and the same output it is said to compute $f$ and to be robust.",
    ),
)
