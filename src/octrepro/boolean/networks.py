"""Networks of two hidden units and one sign output, with integer weights.

All inputs of a hidden unit share a weight, so on all of R^D, not only at the vertices, h depends on x through
s = sum(x) alone. A `Family` holds expressions in A, B and D; `Family.at` makes the network for given values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from octrepro.boolean.expressions import Expression, parse_expression
from octrepro.config.schema import Construction

Activation: TypeAlias = Literal["sign", "relu"]
Number: TypeAlias = int | Fraction
T = TypeVar("T")
U = TypeVar("U")

LONGEST_VECTOR = 100


def _choose(condition: Any, yes: Any, no: Any) -> Any:
    return yes if condition else no


class Network(NamedTuple, Generic[T]):
    """h(x) = sign(v1 g(w1 s + b1) + v2 g(w2 s + b2) + c) with s = sum(x) and sign(0) = +1.

    The entries are integers, expressions, terms of z3, or arrays that hold many networks.
    """

    activation: Activation
    w1: T
    b1: T
    w2: T
    b2: T
    v1: T
    v2: T
    c: T

    def each(self, function: Callable[[T], U]) -> Network[U]:
        """The network of the function's values for the entries."""
        return Network(self.activation, *map(function, self[1:]))

    def hidden(self, s: Any) -> tuple[Any, Any]:
        """Pre-activations of the hidden units where the inputs add up to s."""
        return self.w1 * s + self.b1, self.w2 * s + self.b2

    def output(self, z1: Any, z2: Any, choose: Callable[[Any, Any, Any], Any] = _choose) -> Any:
        """Pre-activation of the output unit; `choose` is the "if" of the entries' kind (np.where, z3.If)."""
        g1, g2 = (choose(z >= 0, *((z, 0) if self.activation == "relu" else (1, -1))) for z in (z1, z2))
        return self.v1 * g1 + self.v2 * g2 + self.c

    def __call__(self, s: Number) -> int:
        """h, +1 or -1, where the inputs add up to s."""
        return sign(self.output(*self.hidden(s)))


@dataclass(frozen=True, slots=True)
class Example:
    """A case at which something was found: D, A, B, a sum s of the inputs, and the network there."""

    D: int
    A: int
    B: int
    s: int
    network: Network[int]

    @property
    def x(self) -> tuple[int, ...]:
        """The first vertex, in lexicographic order with -1 before +1, whose coordinates add up to s."""
        positive = (self.D + self.s) // 2
        return (-1,) * (self.D - positive) + (1,) * positive

    @property
    def f(self) -> int:
        """What should be computed there."""
        return target(self.A, self.B, self.s)

    @property
    def h(self) -> int:
        """What the network computes there."""
        return self.network(self.s)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; x is left out where it would be long."""
        return {
            "dimension": self.D,
            "A": self.A,
            "B": self.B,
            "x": list(self.x) if self.D <= LONGEST_VECTOR else None,
            "f": self.f,
            "h": self.h,
        }


@dataclass(frozen=True, slots=True)
class Family:
    """A network for every A, B and D: a construction whose expressions have been read."""

    name: str
    title: str
    network: Network[Expression]

    def at(self, D: int, A: int, B: int) -> Network[int]:
        """The network for f with this D, A and B."""
        return self.network.each(lambda entry: entry.evaluate(A, B, D))

    def example(self, D: int, A: int, B: int, s: int) -> Example:
        """The case D, A, B and sum(x) = s."""
        return Example(D, A, B, s, self.at(D, A, B))

    @property
    def constant_weights(self) -> bool:
        """Whether no weight depends on A, B or D."""
        n = self.network
        return all(weight.constant for weight in (n.w1, n.w2, n.v1, n.v2))

    @property
    def linear(self) -> bool:
        """Whether weights are constants and biases linear in A, B and D: then all D can be decided."""
        return self.constant_weights and all(entry.linear for entry in self.network[1:])


def family(name: str, construction: Construction, constants: Mapping[str, int], place: str) -> Family:
    """Read the expressions of a construction, whose own constants come before the shared ones.

    `place` stands before the key of an expression in the `UserError` about it.
    """
    known = {**constants, **construction.constants}
    (first, second), output = construction.hidden, construction.output
    entries = {
        "hidden.0.weight": first.weight,
        "hidden.0.bias": first.bias,
        "hidden.1.weight": second.weight,
        "hidden.1.bias": second.bias,
        "output.weights.0": output.weights[0],
        "output.weights.1": output.weights[1],
        "output.bias": output.bias,
    }
    read = (parse_expression(source, known, place + key) for key, source in entries.items())
    return Family(name, construction.title, Network(construction.activation, *read))


def sign(z: Number) -> int:
    """sign(z) with sign(0) = +1."""
    return 1 if z >= 0 else -1


def target(A: int, B: int, s: Number) -> int:
    """f of a point whose coordinates add up to s: +1 iff A <= s <= B, else -1."""
    return 1 if A <= s <= B else -1


def intervals(dimension: int) -> Iterator[tuple[int, int]]:
    """Every (A, B) with -D <= A <= B <= D, in the order of A, then B."""
    return ((A, B) for A in range(-dimension, dimension + 1) for B in range(A, dimension + 1))


def attainable_sums(dimension: int) -> range:
    """The sums of the vertices of {-1, +1}^D: -D, -D + 2, ..., D."""
    return range(-dimension, dimension + 1, 2)
