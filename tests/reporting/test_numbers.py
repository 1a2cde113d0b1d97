"""Numbers and signs as readers see them."""

from __future__ import annotations

import pytest

from octrepro.reporting import numbers


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0"),
        (12, "12"),
        (-3, "−3"),
        (97477, "97,477"),
        (0.25, "0.25"),
        (-0.012344, "−0.01234"),
        (1.5e-7, "1.5 × 10⁻⁷"),
        (3.84192e10, "38,419,200,000"),
        (True, "yes"),
        (None, "–"),
    ],
)
def test_number(value: float, told: str) -> None:
    assert numbers.number(value) == told


def test_rates_have_the_four_decimals_of_the_source_report() -> None:
    assert numbers.rate(181 / 529) == "0.3422"


def test_effect_names_its_interval_and_unit() -> None:
    found = {"name": "difference", "value": -4, "low": -22.5, "high": 14.75, "unit": "images"}
    assert numbers.effect(found) == "difference: −4 images (95\u00a0% interval −22.5 to 14.75)"
    assert numbers.effect(found | {"low": None}) == "difference: −4 images"
    assert numbers.effect(None) == ""


def test_typeset_leaves_mathematics_and_code_alone() -> None:
    text = "It's -4 images, 95 % of $x = -1$ and `a - 1 % 2` in 2-4\n\n$$\na -1\n$$\n"
    assert (
        numbers.typeset(text)
        == "It’s −4 images, 95\u00a0% of $x = -1$ and `a - 1 % 2` in 2-4\n\n$$\na -1\n$$\n"
    )


def test_numbers_stay_beside_their_units_and_relations() -> None:
    told = numbers.typeset("with $m$ = 1 and p < 0.001 after epoch 5, 20 epochs, 28 × 28 pixels; see Table 3")
    assert told == (
        "with $m$\u00a0=\u00a01 and p\u00a0<\u00a00.001 after epoch\u00a05, 20\u00a0epochs, "
        "28\u00a0×\u00a028\u00a0pixels; see Table\u00a03"
    )
