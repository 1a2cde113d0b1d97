"""Tables of question 3, from the verification of the Boolean constructions."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from octrepro.reporting import numbers
from octrepro.reporting.content import Cell, Column, Table

Construction = Mapping[str, Any]


def boolean_tables(verification: Mapping[str, Any]) -> list[Table]:
    """Separable cases by dimension; for either activation the networks and the verdicts on them."""
    tables = [_separable(verification["separability"])]
    constants = ", ".join(f"{name} = {value}" for name, value in verification["constants"].items())
    largest = verification["max_dimension"]
    for activation in ("sign", "relu"):
        chosen = [each for each in verification["constructions"] if each["activation"] == activation]
        tables += [
            _networks(activation, chosen, constants),
            _verdicts(activation, chosen, largest),
        ]
    return tables


def _separable(separability: Mapping[str, Any]) -> Table:
    return Table(
        "boolean-separable",
        "For how many pairs $A \\le B$ a single perceptron computes $f$, by the number of inputs.",
        (
            Column("Inputs D", "number"),
            Column("Pairs", "number"),
            Column("Separable", "number"),
            Column("Not separable", "number"),
        ),
        tuple(
            (
                _count(row["dimension"]),
                _count(row["total"]),
                _count(row["separable"]),
                _count(row["total"] - row["separable"]),
            )
            for row in separability["by_dimension"]
        ),
    )


def _networks(activation: str, constructions: list[Construction], constants: str) -> Table:
    units = {"sign": "sign", "relu": "ReLU"}[activation]
    given = f", with {constants}" if constants else ""
    return Table(
        f"boolean-{activation}-networks",
        f"The networks of two {units} units that were examined{given}. Hidden units: the weight that every "
        "input gets, then the bias. Output: the two weights, then the bias. `%` is the remainder.",
        (
            Column("Network", wide=True),
            Column("Hidden unit 1", "code"),
            Column("Hidden unit 2", "code"),
            Column("Output", "code"),
        ),
        tuple(
            (
                Cell(each["title"], note=each["name"]),
                *(Cell(f"{unit['weight']}; {unit['bias']}") for unit in each["expressions"]["hidden"]),
                Cell(_output(each["expressions"]["output"])),
            )
            for each in constructions
        ),
    )


def _verdicts(activation: str, constructions: list[Construction], largest: int) -> Table:
    return Table(
        f"boolean-{activation}-verdicts",
        "What is known of each network. *Proved* and *refuted*: for every $D$, $A$, $B$ and $x$, by z3 in "
        "this build and by the theorems of the Coq file that end in the network’s name. *Wrong on*: inputs, "
        f"counted for $D$ up to {largest}. *Radius*: the largest by which every input may move in all cases.",
        (
            Column("Network", wide=True),
            Column("Computes f"),
            Column("Wrong on", "number"),
            Column("Robust"),
            Column("Radius", "number"),
            Column("Where it first goes wrong", wide=True),
        ),
        tuple(
            (
                Cell(each["title"]),
                Cell(each["for_all_dimensions"]),
                Cell(
                    numbers.count(each["mismatches"]),
                    each["mismatches"],
                    f"of {numbers.count(each['evaluated'])}",
                ),
                Cell("yes" if each["robust"] else "no"),
                _radius(Fraction(each["margin"])),
                Cell(_where(each)),
            )
            for each in constructions
        ),
    )


def _output(unit: Mapping[str, Any]) -> str:
    return f"{', '.join(unit['weights'])}; {unit['bias']}"


def _where(construction: Construction) -> str:
    """The first wrong answer; for a network that is only not robust, the first step to change an answer."""
    place = construction["first_counterexample"] or construction["breaking_direction"]
    if place is None:
        return "nowhere"
    case = f"D = {place['dimension']}, A = {_signed(place['A'])}, B = {_signed(place['B'])}"
    at = f"{case}, x = {_vector(place['x'])}"
    if construction["first_counterexample"]:
        return f"{at}: f = {_signed(place['f'], plus=True)}, h = {_signed(place['h'], plus=True)}"
    return f"{at}: a step along {_vector(place['v'])} gives {_signed(place['value'], plus=True)}"


def _radius(margin: Fraction) -> Cell:
    """The radius m / D for a margin m."""
    below = "D" if margin.denominator == 1 else f"({margin.denominator} D)"
    return Cell(f"{margin.numerator}/{below}" if margin else "0", float(margin))


def _vector(entries: list[int] | None) -> str:
    if entries is None:
        return "…"
    return f"({', '.join(_signed(entry, plus=entry != 0) for entry in entries)})"


def _signed(value: int, *, plus: bool = False) -> str:
    return f"{value:+d}".replace("-", "−") if plus else str(value).replace("-", "−")


def _count(value: int) -> Cell:
    return Cell(numbers.count(value), value)
