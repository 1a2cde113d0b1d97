"""The kinds of values that params.yaml is made of, each with its limits."""

import unicodedata
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, StringConstraints

MAX_IMAGES = 1_000_000
"""Images in one split of a data set: six times the largest MedMNIST set."""
MAX_CONSTANT = 10**18 - 1
MAX_RATE = 3.4e38
"""The largest number of single precision, in which networks are trained."""

T = TypeVar("T")


class Strict(BaseModel):
    """A mapping with no keys but those named, and values of just the types named."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _line(value: str) -> str:
    # Titles are printed: an escape sequence in one would reach the terminal.
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in value):
        raise ValueError("a line of text without control characters")
    return value


def _lines(value: str) -> str:
    _line(value.replace("\n", ""))
    return value


def _free(name: str) -> str:
    if name in {"boolean", "claims", "results", "sweeps"}:
        raise ValueError("a name that no file or folder of the pipeline has")
    return name


def _unique(values: list[T]) -> list[T]:
    for position, value in enumerate(values):
        if value in values[:position]:
            raise ValueError(f"each entry once, but {value} is listed twice")
    return values


def _expression(value: Any) -> int | str:
    # A union of types would report every mistake once for each of its members.
    if isinstance(value, str) and 1 <= len(value) <= 200:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_CONSTANT:
        return value
    raise ValueError(f"an integer up to {MAX_CONSTANT:,} or an expression of at most 200 characters")


# Names become file names, stage names and LaTeX labels, so they are kept to what is safe in all of them.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+$", max_length=64), AfterValidator(_free)]
Names = Annotated[list[Name], AfterValidator(_unique)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_line)]
Classes = Annotated[list[Text], AfterValidator(_unique)]
Lines = Annotated[str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(_lines)]
FilePath = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

Seed = Annotated[int, Field(ge=0, lt=2**32)]
Replicates = Annotated[int, Field(ge=0, le=1000)]
ImageCount = Annotated[int, Field(gt=0, le=MAX_IMAGES)]
Epochs = Annotated[int, Field(gt=0, le=100_000)]
HiddenSize = Annotated[int, Field(gt=0, le=100_000)]
HiddenLayers = Annotated[int, Field(gt=0, le=100)]
Constant = Annotated[int, Field(ge=-MAX_CONSTANT, le=MAX_CONSTANT)]
Expression = Annotated[int | str, PlainValidator(_expression)]

Real = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[Real, Field(gt=0)]
Rate = Annotated[Real, Field(gt=0, le=MAX_RATE)]
Decay = Annotated[Real, Field(ge=0, le=MAX_RATE)]
Dropout = Annotated[Real, Field(ge=0, lt=1)]
