"""Which of the functions f a single perceptron computes.

`separable` is the theorem, which the certificate proves for all D. `witness` does not know it: for small D it
finds integer weights and checks them at every vertex, or four vertices that exclude all weights.
"""

from typing import Any, NamedTuple, TypeAlias

from octrepro.boolean.enumeration import vertices
from octrepro.boolean.networks import attainable_sums, intervals, sign, target

LARGEST_DIMENSION = 6
Vertex: TypeAlias = tuple[int, ...]


class Perceptron(NamedTuple):
    """sign(w sum(x) + b), with sign(0) = +1."""

    weight: int
    bias: int

    def proves(self, D: int, A: int, B: int) -> bool:
        """Whether it equals f at every vertex of {-1, +1}^D."""
        sums = vertices(D, 0, 2**D).sum(axis=1).tolist()
        return all(sign(self.weight * s + self.bias) == target(A, B, s) for s in sums)


class Crossing(NamedTuple):
    """Two vertices with f = +1 and two with f = -1 that have the same sum, coordinate by coordinate.

    A perceptron's pre-activations at the first two add up to those at the other two. If it computed f, they
    would be >= 0 at the first two and < 0 at the others. So none does.
    """

    positive: tuple[Vertex, Vertex]
    negative: tuple[Vertex, Vertex]

    def proves(self, D: int, A: int, B: int) -> bool:
        """Whether it is what it says."""
        classes = [[target(A, B, sum(x)) for x in side] for side in self]
        meet = [[a + b for a, b in zip(*side, strict=True)] for side in self]
        inside = all(len(x) == D and set(x) <= {-1, 1} for side in self for x in side)
        return inside and classes == [[1, 1], [-1, -1]] and meet[0] == meet[1]


def separable(D: int, A: int, B: int) -> bool:
    """The theorem: one perceptron computes f iff A = -D, or B = D, or A = B without the parity of D."""
    return A == -D or B == D or (A == B and (A + D) % 2 == 1)


def witness(D: int, A: int, B: int) -> Perceptron | Crossing:
    """A perceptron that computes f, or four vertices that show that there is none.

    The theorem says that one of these is found; without either, a ValueError is raised.
    """
    rest = [(1,) * ((D - 1 + s) // 2) + (-1,) * ((D - 1 - s) // 2) for s in attainable_sums(D - 1)]
    candidates: list[Perceptron | Crossing] = [
        *(Perceptron(0, 0), Perceptron(0, -1), Perceptron(1, -A), Perceptron(-1, B)),
        *(Crossing(((1, *y), (-1, *z)), ((-1, *y), (1, *z))) for y in rest for z in rest),
    ]
    for candidate in candidates:
        if candidate.proves(D, A, B):
            return candidate
    raise ValueError(f"neither weights nor four vertices for D={D}, A={A}, B={B}")


def table() -> dict[str, Any]:
    """The answers for every D up to a largest, by their witnesses, and whether the theorem fits."""
    rows, by_dimension = [], []
    for D in range(1, LARGEST_DIMENSION + 1):
        answers = {(A, B): isinstance(witness(D, A, B), Perceptron) for A, B in intervals(D)}
        rows += [{"dimension": D, "A": A, "B": B, "separable": answer} for (A, B), answer in answers.items()]
        by_dimension.append({"dimension": D, "separable": sum(answers.values()), "total": len(answers)})
    return {
        "max_dimension": LARGEST_DIMENSION,
        "theorem": "separable iff A = -D, or B = D, or A = B with A + D odd",
        "theorem_holds": all(answer == separable(*case) for *case, answer in map(dict.values, rows)),
        "by_dimension": by_dimension,
        "rows": rows,
    }
