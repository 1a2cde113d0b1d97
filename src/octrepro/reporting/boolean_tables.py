"""Tables of question 3, from the verification of the Boolean constructions."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from octrepro.reporting import numbers
from octrepro.reporting.content import Cell, Row, count, number

Construction = Mapping[str, Any]


def boolean_tables(verification: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Separable cases by dimension; for either activation the networks and the verdicts on them."""
    separable = [
        {
            "Inputs D": count(row["dimension"]),
            "Pairs": count(row["total"]),
            "Separable": count(row["separable"]),
            "Not separable": count(row["total"] - row["separable"]),
        }
        for row in verification["separability"]["by_dimension"]
    ]
    tables = {"boolean-separable": separable}
    for activation in ("sign", "relu"):
        chosen = [each for each in verification["constructions"] if each["activation"] == activation]
        tables[f"boolean-{activation}-networks"] = [_network(each) for each in chosen]
        tables[f"boolean-{activation}-verdicts"] = [_verdict(each) for each in chosen]
    return tables


def _network(construction: Construction) -> Row:
    first, second = construction["expressions"]["hidden"]
    output = construction["expressions"]["output"]
    return {
        "Network": Cell(construction["title"], note=construction["name"], wide=True),
        "Hidden unit 1": Cell(f"{first['weight']}; {first['bias']}", "code"),
        "Hidden unit 2": Cell(f"{second['weight']}; {second['bias']}", "code"),
        "Output": Cell(f"{', '.join(output['weights'])}; {output['bias']}", "code"),
    }


def _verdict(construction: Construction) -> Row:
    return {
        "Network": Cell(construction["title"], wide=True),
        "Computes f": Cell(construction["for_all_dimensions"]),
        "Wrong on": count(construction["mismatches"], f"of {numbers.count(construction['evaluated'])}"),
        "Robust": Cell("yes" if construction["robust"] else "no"),
        "Radius": _radius(Fraction(construction["margin"])),
        "Where it first goes wrong": Cell(_where(construction), wide=True),
    }


def _where(construction: Construction) -> str:
    """The first wrong answer; for a network that is only not robust, the first step to change an answer."""
    wrong = construction["first_counterexample"]
    place = wrong or construction["breaking_direction"]
    if place is None:
        return "nowhere"
    at = f"D = {place['dimension']}, A = {place['A']}, B = {place['B']}, x = {_vector(place['x'])}"
    if wrong:
        told = f"{at}: f = {place['f']:+d}, h = {place['h']:+d}"
    else:
        told = f"{at}: a step along {_vector(place['v'])} gives {place['value']:+d}"
    return told.replace("-", "−")


def _vector(entries: list[int] | None) -> str:
    if entries is None:
        return "…"
    return f"({', '.join(f'{entry:+d}' if entry else '0' for entry in entries)})"


def _radius(margin: Fraction) -> Cell:
    """The radius m / D for a margin m."""
    below = "D" if margin.denominator == 1 else f"({margin.denominator} D)"
    return number(f"{margin.numerator}/{below}" if margin else "0", float(margin))
