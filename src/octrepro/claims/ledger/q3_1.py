"""Question 3.1: the Boolean function, single perceptrons, and the networks as printed.

The verdicts come from the exhaustive verification, which is the same for every data set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from octrepro.claims.claim import Case, Claim, Effect, Finding, Verdict
from octrepro.results.estimate import UndeterminedError

# The source report's counter-example: D, A, B.
EXAMPLE = (2, -1, 1)
EXHAUSTIVE = "exhaustive enumeration of D, A, B and x, in integers"


def _no_single_perceptron(case: Case) -> Finding:
    rows = case.verification["separability"]["rows"]
    separable = {(row["dimension"], row["A"], row["B"]): row["separable"] for row in rows}
    if EXAMPLE not in separable:
        raise UndeterminedError("the separability table has no row for D = 2, A = -1, B = 1")
    impossible = len(rows) - sum(separable.values())
    return Finding(
        Verdict.FAILS if separable[EXAMPLE] else Verdict.HOLDS,
        {
            "example_separable": int(separable[EXAMPLE]),
            "impossible": impossible,
            "cases": len(rows),
            "max_dimension": max(row["dimension"] for row in rows),
        },
        Effect("cases that no single perceptron computes", impossible, "cases"),
        "a witness for every case: integer weights, or convex hulls that meet, in exact fractions",
    )


def _construction(case: Case, name: str) -> dict[str, Any]:
    for construction in case.verification["constructions"]:
        if construction["name"] == name:
            found: dict[str, Any] = construction
            return found
    raise UndeterminedError(f"`{name}` is not among the constructions")


def _evidence(construction: dict[str, Any]) -> dict[str, float | int | None]:
    return {
        "mismatches": construction["mismatches"],
        "evaluated": construction["evaluated"],
        "max_dimension": construction["max_dimension"],
        "robust": int(construction["robust"]),
        "robust_radius": float(construction["robust_radius_value"]),
    }


def _where(construction: dict[str, Any]) -> str:
    """Where a construction first goes wrong, for a sentence."""
    first = construction["first_counterexample"]
    if first is None:
        return ""
    x = ", ".join(f"{value:+d}" for value in first["x"])
    return (
        f"first at $D = {first['dimension']}$, $A = {first['A']}$, $B = {first['B']}$, $x = ({x})$, where "
        f"$f = {first['f']}$ and $h = {first['h']}$"
    )


def _computes(name: str) -> Callable[[Case], Finding]:
    def judge(case: Case) -> Finding:
        found = _construction(case, name)
        return Finding(
            Verdict.FAILS if found["mismatches"] else Verdict.HOLDS,
            _evidence(found),
            Effect("inputs on which the network is wrong", found["mismatches"], "inputs"),
            EXHAUSTIVE,
            {"where": _where(found)},
        )

    return judge


def _robust(name: str) -> Callable[[Case], Finding]:
    def judge(case: Case) -> Finding:
        found = _construction(case, name)
        wrong = found["mismatches"]
        return Finding(
            Verdict.HOLDS if found["robust"] and not wrong else Verdict.FAILS,
            _evidence(found),
            Effect("radius within which it is right", float(found["robust_radius_value"]), "per input"),
            f"{EXHAUSTIVE}; limits by exact breakpoints",
            {"failure": f"it is wrong on {wrong:,} of {found['evaluated']:,} inputs, {_where(found)}"}
            if wrong
            else {
                "failure": "it is right on every input, but some arbitrarily small step changes its answer"
            },
        )

    return judge


def _not_robust(name: str) -> Callable[[Case], Finding]:
    def judge(case: Case) -> Finding:
        found = _construction(case, name)
        return Finding(
            Verdict.FAILS if found["robust"] else Verdict.HOLDS,
            _evidence(found),
            Effect("radius within which it is right", float(found["robust_radius_value"]), "per input"),
            "limits by exact breakpoints at every D, A, B and x",
        )

    return judge


def _computes_claim(name: str, what: str, question: str, pages: str, reference: str) -> Claim:
    return Claim(
        id=f"{name}_computes",
        question=question,
        statement=f"{what}, as printed, computes $f$.",
        reference=reference,
        pages=pages,
        judge=_computes(name),
        holds="It does: right on all {evaluated:,} inputs with $D$ up to {max_dimension}.",
        fails="It does not: wrong on {mismatches:,} of {evaluated:,} inputs with $D$ up to {max_dimension}, "
        "{where}.",
    )


def _robust_claim(name: str, what: str, question: str, pages: str, reference: str) -> Claim:
    return Claim(
        id=f"{name}_version",
        question=question,
        statement=f"{what}, as printed, computes $f$ and is robust to infinitesimal perturbations.",
        reference=reference,
        pages=pages,
        judge=_robust(name),
        holds="It is: for every $D$ up to {max_dimension} each input may move by any amount below "
        "{robust_radius:.3g}.",
        fails="It is not: {failure}.",
    )


CLAIMS = (
    Claim(
        id="no_single_perceptron",
        question="3.1a",
        statement="No single perceptron computes $f$ in general: none does for $D = 2$, $A = -1$ and "
        "$B = 1$.",
        reference="Two dimensions with $A = -1$, $B = 1$ are given as the counter-example.",
        pages="11",
        judge=_no_single_perceptron,
        holds="The counter-example stands, and {impossible} of {cases} cases with $D$ up to {max_dimension} "
        "have no single perceptron.",
        fails="The counter-example does not stand: a single perceptron computes it.",
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
        reference="A single input with $D = A = B = 1$ is given as the example.",
        pages="13",
        judge=_not_robust("printed_sign"),
        holds="It is not robust: an arbitrarily small step changes its answer at some input.",
        fails="It is robust: each input may move by any amount below {robust_radius:.3g}.",
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
