"""Networks of two hidden units and one sign output, with integer weights, evaluated exactly.

A `Family` holds expressions in A, B and D; `Family.at` makes the `Network` for given values of them. The
same code evaluates a network at integers and at fractions, so perturbed inputs are exact too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

from octrepro.boolean.expressions import Expression, check_constants, parse_expression
from octrepro.config import Construction

__all__ = [
    "Activation",
    "Family",
    "Network",
    "Number",
    "PreActivations",
    "family",
    "intervals",
    "sign",
    "target",
    "vertex",
]

Activation: TypeAlias = Literal["sign", "relu"]
Number: TypeAlias = int | Fraction


class PreActivations(NamedTuple):
    """What each unit receives before its activation: both hidden units, then the output unit."""

    hidden_1: Number
    hidden_2: Number
    output: Number


@dataclass(frozen=True, slots=True)
class Network:
    """One network: h(x) = sign(v1 g(w1.x + b1) + v2 g(w2.x + b2) + c), with sign(0) = +1.

    Attributes
    ----------
    activation
        g of the hidden units.
    hidden_weights
        The rows w1 and w2, each of the D entries.
    hidden_biases
        b1 and b2.
    output_weights
        v1 and v2.
    output_bias
        c.
    """

    activation: Activation
    hidden_weights: tuple[tuple[int, ...], tuple[int, ...]]
    hidden_biases: tuple[int, int]
    output_weights: tuple[int, int]
    output_bias: int

    @property
    def dimension(self) -> int:
        """D, the number of inputs."""
        return len(self.hidden_weights[0])

    def pre_activations(self, x: Sequence[Number]) -> PreActivations:
        """Pre-activations of all three units at a point x of D exact numbers."""
        first, second = (
            sum((w * value for w, value in zip(row, x, strict=True)), start=bias)
            for row, bias in zip(self.hidden_weights, self.hidden_biases, strict=True)
        )
        return PreActivations(first, second, self.output(first, second))

    def output(self, first: Number, second: Number) -> Number:
        """Pre-activation of the output unit, from those of the hidden units."""
        v1, v2 = self.output_weights
        return v1 * self.activate(first) + v2 * self.activate(second) + self.output_bias

    def activate(self, z: Number) -> Number:
        """g(z), the activation of the hidden units."""
        if self.activation == "relu":
            return max(z, 0)
        return sign(z)

    def __call__(self, x: Sequence[Number]) -> int:
        """h(x), +1 or -1."""
        return sign(self.pre_activations(x).output)


@dataclass(frozen=True, slots=True)
class Family:
    """A network for every A, B and D: a construction whose expressions have been parsed.

    Attributes
    ----------
    hidden
        Weight and bias of each hidden unit. The weight is that of each of the D inputs.
    output
        The two output weights and the output bias.
    """

    name: str
    title: str
    source: str
    activation: Activation
    hidden: tuple[tuple[Expression, Expression], tuple[Expression, Expression]]
    output: tuple[Expression, Expression, Expression]

    def at(self, dimension: int, A: int, B: int) -> Network:
        """The network for f with this D, A and B."""
        (w1, b1), (w2, b2) = (
            (weight.evaluate(A, B, dimension), bias.evaluate(A, B, dimension)) for weight, bias in self.hidden
        )
        v1, v2, c = (entry.evaluate(A, B, dimension) for entry in self.output)
        return Network(self.activation, ((w1,) * dimension, (w2,) * dimension), (b1, b2), (v1, v2), c)


def family(
    name: str,
    construction: Construction,
    constants: Mapping[str, int] | None = None,
    *,
    prefix: str | None = None,
) -> Family:
    """Parse the expressions of a construction.

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
        Pointing at the place of the first expression that cannot be read.
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
    v1, v2 = (
        read(weight, f"output.weights.{index}") for index, weight in enumerate(construction.output.weights)
    )
    output = (v1, v2, read(construction.output.bias, "output.bias"))
    return Family(
        name, construction.title, construction.source, construction.activation, (first, second), output
    )


def sign(z: Number) -> int:
    """sign(z) with sign(0) = +1."""
    return 1 if z >= 0 else -1


def target(A: int, B: int, total: Number) -> int:
    """f of a point whose coordinates have this sum: +1 iff A <= total <= B, else -1."""
    return 1 if A <= total <= B else -1


def vertex(index: int, dimension: int) -> tuple[int, ...]:
    """The vertex of {-1, +1}^D with this index, 0 to 2^D - 1.

    Vertices are in lexicographic order with -1 before +1: the first coordinate is the most significant bit.

    Examples
    --------
    >>> [vertex(index, 2) for index in range(4)]
    [(-1, -1), (-1, 1), (1, -1), (1, 1)]
    """
    return tuple(1 if index >> bit & 1 else -1 for bit in reversed(range(dimension)))


def intervals(dimension: int) -> Iterator[tuple[int, int]]:
    """Every (A, B) with -D <= A <= B <= D, in the order of A, then B."""
    return ((A, B) for A in range(-dimension, dimension + 1) for B in range(A, dimension + 1))
