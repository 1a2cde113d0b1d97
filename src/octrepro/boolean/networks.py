"""Networks of two hidden units and one sign output, with integer weights, evaluated exactly.

Each hidden unit of a construction gives one weight to all its inputs, so on all of R^D, not only at the
vertices, h depends on x through s = sum(x) alone. A `Family` holds expressions in A, B and D; `Family.at`
makes the `Network` for given values of them, which is evaluated at integers and at fractions alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, NamedTuple, TypeAlias

from octrepro.boolean.expressions import Expression, check_constants, parse_expression
from octrepro.config import Construction

__all__ = ["Example", "Family", "Network", "attainable_sums", "family", "intervals", "sign", "target"]

Activation: TypeAlias = Literal["sign", "relu"]
Number: TypeAlias = int | Fraction
LONGEST_VECTOR = 100


class PreActivations(NamedTuple):
    """What each unit receives before its activation: both hidden units, then the output unit."""

    hidden_1: Number
    hidden_2: Number
    output: Number


@dataclass(frozen=True, slots=True)
class Network:
    """One network: h(x) = sign(v1 g(w1 s + b1) + v2 g(w2 s + b2) + c), s = sum(x), with sign(0) = +1.

    Attributes
    ----------
    activation
        g of the hidden units.
    hidden_weights
        w1 and w2, each the weight of all D inputs.
    hidden_biases
        b1 and b2.
    output_weights
        v1 and v2.
    output_bias
        c.
    """

    activation: Activation
    hidden_weights: tuple[int, int]
    hidden_biases: tuple[int, int]
    output_weights: tuple[int, int]
    output_bias: int

    def pre_activations(self, s: Number) -> PreActivations:
        """Pre-activations of all three units where the inputs add up to s."""
        (w1, w2), (b1, b2), (v1, v2) = self.hidden_weights, self.hidden_biases, self.output_weights
        z1, z2 = w1 * s + b1, w2 * s + b2
        return PreActivations(z1, z2, v1 * self.activate(z1) + v2 * self.activate(z2) + self.output_bias)

    def activate(self, z: Number) -> Number:
        """g(z), the activation of the hidden units."""
        return max(z, 0) if self.activation == "relu" else sign(z)

    def __call__(self, s: Number) -> int:
        """h, +1 or -1, where the inputs add up to s."""
        return sign(self.pre_activations(s).output)


@dataclass(frozen=True, slots=True)
class Example:
    """A case at which something was found: D, A, B, a sum s of the inputs, and the network there."""

    D: int
    A: int
    B: int
    s: int
    network: Network

    @property
    def x(self) -> tuple[int, ...]:
        """The first vertex, in lexicographic order with -1 before +1, whose coordinates add up to s."""
        positive = (self.D + self.s) // 2
        return (-1,) * (self.D - positive) + (1,) * positive

    @property
    def f(self) -> int:
        """What should be computed there."""
        return target(self.A, self.B, self.s)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; x is left out where it would be long."""
        z = self.network.pre_activations(self.s)
        return {
            "dimension": self.D,
            "A": self.A,
            "B": self.B,
            "x": list(self.x) if self.D <= LONGEST_VECTOR else None,
            "sum": self.s,
            "f": self.f,
            "h": self.network(self.s),
            "pre_activations": {"hidden": [z.hidden_1, z.hidden_2], "output": z.output},
        }


@dataclass(frozen=True, slots=True)
class Family:
    """A network for every A, B and D: a construction whose expressions have been read.

    Attributes
    ----------
    hidden
        Weight and bias of each hidden unit. The weight is that of each of the D inputs.
    output
        The two output weights and the output bias.
    """

    name: str
    title: str
    activation: Activation
    hidden: tuple[tuple[Expression, Expression], tuple[Expression, Expression]]
    output: tuple[Expression, Expression, Expression]

    def at(self, D: int, A: int, B: int) -> Network:
        """The network for f with this D, A and B."""
        (w1, b1), (w2, b2) = ((w.evaluate(A, B, D), b.evaluate(A, B, D)) for w, b in self.hidden)
        v1, v2, c = (entry.evaluate(A, B, D) for entry in self.output)
        return Network(self.activation, (w1, w2), (b1, b2), (v1, v2), c)

    def example(self, D: int, A: int, B: int, s: int) -> Example:
        """The case D, A, B and sum(x) = s."""
        return Example(D, A, B, s, self.at(D, A, B))

    @property
    def linear(self) -> bool:
        """Whether weights are constants and biases linear in A, B and D: then all D can be decided."""
        (w1, b1), (w2, b2) = self.hidden
        v1, v2, c = self.output
        return not any(w.degree for w in (w1, w2, v1, v2)) and all(b.degree <= 1 for b in (b1, b2, c))


def family(
    name: str,
    construction: Construction,
    constants: Mapping[str, int] | None = None,
    *,
    prefix: str | None = None,
) -> Family:
    """Read the expressions of a construction.

    Parameters
    ----------
    name
        Its key in params.yaml.
    construction
        Expressions as config has read them. Its own constants come before the shared ones.
    constants
        Constants shared by all constructions.
    prefix
        What stands before a key in messages; by default the construction's place in params.yaml.

    Raises
    ------
    UserError
        Pointing at the first expression that cannot be read.
    """
    place = f"boolean.constructions.{name}." if prefix is None else prefix
    check_constants(constants or {})
    check_constants(construction.constants, where=f"{place}constants")
    known = {**(constants or {}), **construction.constants}

    def read(source: str | int, key: str) -> Expression:
        return parse_expression(source, known, where=f"{place}{key}")

    first, second = (
        (read(unit.weight, f"hidden.{index}.weight"), read(unit.bias, f"hidden.{index}.bias"))
        for index, unit in enumerate(construction.hidden)
    )
    v1, v2 = (read(w, f"output.weights.{index}") for index, w in enumerate(construction.output.weights))
    output = (v1, v2, read(construction.output.bias, "output.bias"))
    return Family(name, construction.title, construction.activation, (first, second), output)


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
