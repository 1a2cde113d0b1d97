"""`boolean` of params.yaml: networks that should compute the Boolean function."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from octrepro.config.fields import Constant, Expression, Name, Strict, Text

MAX_ENTRIES = 200


class HiddenUnit(Strict):
    """A hidden unit: the weight that each of its D inputs gets, and its bias."""

    weight: Expression
    bias: Expression


class OutputUnit(Strict):
    """The output unit: one weight for each hidden unit, and a bias."""

    weights: Annotated[list[Expression], Field(strict=True, min_length=2, max_length=2)]
    bias: Expression


class Construction(Strict):
    """A network of two hidden units and one sign output, in terms of A, B, D and named constants."""

    title: Text = "Untitled construction"
    source: Literal["printed", "corrected", "own", "reader"] = "reader"
    activation: Literal["sign", "relu"]
    hidden: Annotated[list[HiddenUnit], Field(strict=True, min_length=2, max_length=2)]
    output: OutputUnit
    constants: Annotated[dict[Name, Constant], Field(max_length=MAX_ENTRIES)] = {}


class Boolean(Strict):
    """What is verified of the Boolean function."""

    max_dimension: Annotated[int, Field(ge=1, le=20, strict=True)] = 12
    constants: Annotated[dict[Name, Constant], Field(max_length=MAX_ENTRIES)] = {}
    constructions: Annotated[dict[Name, Construction], Field(max_length=MAX_ENTRIES)] = {}
