"""The same questions answered in the plainest Python, from the definitions, and families to ask them of."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from octrepro.boolean.expressions import parse_expression
from octrepro.boolean.networks import Activation, Family, Network, family
from octrepro.config.loading import load_params

ROOT = Path(__file__).parents[2]
TINY = Fraction(1, 10**12)

Make = Callable[[int, int, int], tuple[Any, ...]]


def h(network: tuple[Any, ...], x: Sequence[Any]) -> int:
    """Evaluate (activation, w1, b1, w2, b2, v1, v2, c), each hidden unit with one weight for all inputs."""
    activation, w1, b1, w2, b2, v1, v2, c = network
    output = c
    for w, b, v in ((w1, b1, v1), (w2, b2, v2)):
        z = b
        for value in x:
            z = z + w * value
        unit = max(z, 0) if activation == "relu" else 1 if z >= 0 else -1
        output = output + v * unit
    return 1 if output >= 0 else -1


def f(x: Sequence[int], A: int, B: int) -> int:
    return 1 if A <= sum(x) <= B else -1


def cube(D: int) -> list[tuple[int, ...]]:
    """All of {-1, +1}^D in lexicographic order."""
    return list(product((-1, 1), repeat=D))


def ranges(largest: int) -> Iterator[tuple[int, int, int]]:
    """Every D, A, B in order."""
    for D in range(1, largest + 1):
        for A in range(-D, D + 1):
            for B in range(A, D + 1):
                yield D, A, B


def steps(D: int) -> Iterator[tuple[int, ...]]:
    """+ and - every unit vector."""
    for i in range(D):
        for sign in (1, -1):
            yield tuple(sign * (i == j) for j in range(D))


def moved(x: Sequence[int], v: Sequence[Any], t: Fraction) -> list[Fraction]:
    return [value + t * step for value, step in zip(x, v, strict=True)]


def mismatches(make: Make, largest: int) -> list[tuple[int, int, int, tuple[int, ...]]]:
    """Every (D, A, B, x) with h(x) != f(x), in order."""
    return [(D, A, B, x) for D, A, B in ranges(largest) for x in cube(D) if h(make(D, A, B), x) != f(x, A, B)]


def robust(make: Make, largest: int) -> bool:
    """h = f at every x and also a tiny step along every axis away from it."""
    return not mismatches(make, largest) and all(
        h(make(D, A, B), moved(x, v, TINY)) == f(x, A, B)
        for D, A, B in ranges(largest)
        for x in cube(D)
        for v in steps(D)
    )


@cache
def shipped() -> dict[str, Family]:
    """Every construction of params.yaml by name."""
    boolean = load_params(ROOT / "params.yaml").boolean
    return {name: family(name, each, boolean.constants, "") for name, each in boolean.constructions.items()}


def make_family(activation: Activation, *entries: str | int, name: str = "made") -> Family:
    """A family from w1, b1, w2, b2, v1, v2, c."""
    read = (parse_expression(entry, {"k1": 1, "k2": 10}, "") for entry in entries)
    return Family(name, "Made", Network(activation, *read))


def mutants() -> Iterator[Family]:
    """Each right construction with one weight or bias plus one, less one, with the other sign, or plus 10."""
    for right in shipped().values():
        entries = [entry.text for entry in right.network[1:]]
        for position, text in enumerate([] if mismatches(right.at, 3) else entries):
            for number, changed in enumerate((f"{text} + 1", f"{text} - 1", f"-({text})", f"{text} + 10")):
                changes = [*entries[:position], changed, *entries[position + 1 :]]
                name = f"{right.name}_{position}_{number}"
                yield make_family(right.network.activation, *changes, name=name)
