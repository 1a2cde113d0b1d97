"""Which of the functions f a single perceptron computes.

`separable` is the theorem, which the certificate proves for all D. `decide` does not know it: for small D it
finds integer weights and checks them at every vertex, or four vertices that exclude all weights.
"""

from typing import Any

from octrepro.boolean.enumeration import vertices
from octrepro.boolean.networks import attainable_sums, intervals, sign, target

LARGEST_DIMENSION = 6


def separable(D: int, A: int, B: int) -> bool:
    """The theorem: one perceptron computes f iff A = -D, or B = D, or A = B without the parity of D."""
    return A == -D or B == D or (A == B and (A + D) % 2 == 1)


def decide(D: int, A: int, B: int) -> bool:
    """Whether one perceptron computes f, by a witness: a ValueError is raised without any, or with two.

    The witness of a perceptron are its weights, all the same, and its bias. That there is none, four vertices
    show: f = +1 at (+1, y) and (-1, z), f = -1 at (-1, y) and (+1, z). The first two add up to the same as
    the other two, so a perceptron's pre-activations there do. If it computed f, they would be >= 0 at the
    first two and < 0 at the others.
    """
    sums = vertices(D).sum(axis=1).tolist()
    computed = any(
        all(sign(weight * s + bias) == target(A, B, s) for s in sums)
        for weight, bias in ((0, 0), (0, -1), (1, -A), (-1, B))
    )
    excluded = any(
        target(A, B, y + 1) == target(A, B, z - 1) == 1 and target(A, B, y - 1) == target(A, B, z + 1) == -1
        for y in attainable_sums(D - 1)
        for z in attainable_sums(D - 1)
    )
    if computed == excluded:
        raise ValueError(f"weights and four vertices do not decide D={D}, A={A}, B={B}")
    return computed


def table() -> dict[str, Any]:
    """The answers for every D up to a largest, by their witnesses, and whether the theorem fits."""
    rows, by_dimension = [], []
    for D in range(1, LARGEST_DIMENSION + 1):
        answers = {(A, B): decide(D, A, B) for A, B in intervals(D)}
        rows += [{"dimension": D, "A": A, "B": B, "separable": answer} for (A, B), answer in answers.items()]
        by_dimension.append({"dimension": D, "separable": sum(answers.values()), "total": len(answers)})
    return {
        "max_dimension": LARGEST_DIMENSION,
        "theorem_holds": all(answer == separable(*case) for *case, answer in map(dict.values, rows)),
        "by_dimension": by_dimension,
        "rows": rows,
    }
