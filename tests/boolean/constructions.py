"""Constructions for tests: those of params.yaml, and the oracle's form of any family."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from octrepro.boolean.expressions import parse_expression
from octrepro.boolean.networks import Activation, Family, Network, family
from octrepro.config import load_params
from tests.boolean.oracle import Make, Plain

ROOT = Path(__file__).parents[2]


@cache
def shipped() -> dict[str, Family]:
    """Every construction of params.yaml by name."""
    boolean = load_params(ROOT / "params.yaml").boolean
    return {name: family(name, each, boolean.constants) for name, each in boolean.constructions.items()}


def make_family(activation: Activation, *entries: str | int, name: str = "made") -> Family:
    """A family from w1, b1, w2, b2, v1, v2, c."""
    w1, b1, w2, b2, v1, v2, c = (parse_expression(entry) for entry in entries)
    return Family(name, "Made", activation, ((w1, b1), (w2, b2)), (v1, v2, c))


def plain(network: Network, D: int) -> Plain:
    """The network in the oracle's form, with D weights for each hidden unit."""
    w1, w2 = network.hidden_weights
    rows = ((w1,) * D, (w2,) * D)
    biases, outputs = network.hidden_biases, network.output_weights
    return Plain(network.activation, rows, biases, outputs, network.output_bias)


def plain_family(family: Family) -> Make:
    """The family in the oracle's form."""
    return lambda D, A, B: plain(family.at(D, A, B), D)
