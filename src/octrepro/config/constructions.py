"""`boolean` of params.yaml: networks that should compute the Boolean function."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from octrepro.config.fields import Constant, Expression, Name, Strict, Text

MAX_ENTRIES = 200


def _constant_name(name: str) -> str:
    if name in {"A", "B", "D"} or name[0].isdigit():
        raise PydanticCustomError(
            "constant", "a name that begins with no digit; A, B and D are the variables of f"
        )
    return name


Constants = Annotated[
    dict[Annotated[Name, AfterValidator(_constant_name)], Constant], Field(max_length=MAX_ENTRIES)
]


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
    activation: Literal["sign", "relu"]
    hidden: Annotated[list[HiddenUnit], Field(strict=True, min_length=2, max_length=2)]
    output: OutputUnit
    constants: Constants = {}


class Boolean(Strict):
    """What is verified of the Boolean function."""

    max_dimension: Annotated[int, Field(ge=1, le=20, strict=True)] = 12
    constants: Constants = {}
    constructions: Annotated[dict[Name, Construction], Field(max_length=MAX_ENTRIES)] = {}
