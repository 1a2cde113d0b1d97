"""Question 3.1: the Boolean function, single perceptrons, and the networks as printed.

The verdicts come from the verification of the constructions, which is the same for every data set.
"""

from typing import Any

from octrepro.claims.claim import Build, Claim, Effect, Region, yes_or_no
from octrepro.claims.effects import Measure
from octrepro.results.estimate import UndeterminedError

# The source report's counter-example: D, A, B.
EXAMPLE = (2, -1, 1)
METHODS = "z3 for all D, A, B and x; exhaustive enumeration for small D, in integers"

Construction = dict[str, Any]


def _single_perceptron(build: Build) -> Effect:
    rows = build.verification["separability"]["rows"]
    separable = {(row["dimension"], row["A"], row["B"]): row["separable"] for row in rows}
    if EXAMPLE not in separable:
        raise UndeterminedError("the separability table has no row for D = 2, A = -1, B = 1")
    impossible, largest = len(rows) - sum(separable.values()), max(row["dimension"] for row in rows)
    return yes_or_no(
        separable[EXAMPLE],
        "a witness for every case, in integers: weights, or four vertices that exclude all weights",
        f"Of the {len(rows)} cases with $D$ up to {largest}, {impossible} have no single perceptron, and "
        f"the counter-example is {'not ' * separable[EXAMPLE]}among them.",
        {"impossible": impossible, "cases": len(rows), "max_dimension": largest},
    )


def _of(name: str, *, robust: bool) -> Measure:
    """Whether the construction of that name is robust, or else right, as the verification found."""

    def measure(build: Build) -> Effect:
        for found in build.verification["constructions"]:
            if found["name"] == name:
                counts = {key: found[key] for key in ("mismatches", "evaluated")}
                counts["max_dimension"] = build.verification["max_dimension"]
                answer = found["robust"] if robust else found["verdict"] == "computes"
                return yes_or_no(answer, METHODS, _sentence({**found, **counts}), counts)
        raise UndeterminedError(f"`{name}` is not among the constructions")

    return measure


def _sentence(construction: Construction) -> str:
    """Where a construction goes wrong or, when it does not, how robust it is."""
    wrong, first = construction["mismatches"], construction["first_counterexample"]
    inputs = f"{construction['evaluated']:,} inputs with $D$ up to {construction['max_dimension']}"
    if first:
        x = f"({', '.join(f'{value:+d}' for value in first['x'])})" if first["x"] else "\\dots"
        return (
            f"It is wrong on {wrong:,} of {inputs}, first at $D = {first['dimension']}$, $A = {first['A']}$, "
            f"$B = {first['B']}$, $x = {x}$, where $f = {first['f']}$ and $h = {first['h']}$."
        )
    if construction["for_all_dimensions"] == "proved":
        correct = "It is correct on every input, for every $D$, $A$ and $B$."
    else:
        correct = f"It is correct on all {inputs}; larger $D$ are not decided."
    if construction["robust"]:
        return (
            f"{correct} Each input may move by any amount below $m / D$ with $m = {construction['margin']}$."
        )
    return f"{correct} An arbitrarily small step changes its answer at some input."


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
    Claim(
        id="printed_sign_computes",
        question="3.1b",
        statement="The network of two sign units, as printed, computes $f$.",
        measure=_of("printed_sign", robust=False),
        source="The first version is said to compute $f$.",
        pages="12 to 13",
    ),
    Claim(
        id="printed_sign_not_robust",
        question="3.1b",
        statement="The first network of two sign units is not robust to infinitesimal perturbations.",
        measure=_of("printed_sign", robust=True),
        region=Region(below=1),
        source="A single input with $D = A = B = 1$ is given as the example.",
        pages="13",
    ),
    Claim(
        id="printed_sign_robust_version",
        question="3.1b",
        statement="The robust network of two sign units, as printed, computes $f$ and is robust to "
        "infinitesimal perturbations.",
        measure=_of("printed_sign_robust", robust=True),
        source="With $k_1 = 1$ and $k_2 = 10$ it is said to compute $f$ and to be robust.",
        pages="13 to 14",
    ),
    Claim(
        id="printed_relu_computes",
        question="3.1c",
        statement="The network of two ReLU units, as printed, computes $f$.",
        measure=_of("printed_relu", robust=False),
        source="It is printed with output bias -1, while its argument uses 0, and is said to compute $f$.",
        pages="14 to 15",
    ),
    Claim(
        id="printed_relu_robust_version",
        question="3.1c",
        statement="The robust network of two ReLU units, as printed, computes $f$ and is robust to "
        "infinitesimal perturbations.",
        measure=_of("printed_relu_robust", robust=True),
        source="With $k_1 = 1$ and $k_2 = 10$ and the same output it is said to compute $f$ and to be "
        "robust.",
        pages="15 to 16",
    ),
)
