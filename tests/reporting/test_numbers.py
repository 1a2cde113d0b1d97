"""Numbers and signs as readers see them."""

import pytest

from octrepro.reporting import numbers


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0"),
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
def test_number(value: float | None, told: str) -> None:
    assert numbers.number(value) == told


def test_effect_names_its_interval_and_unit() -> None:
    found = {"name": "difference", "value": -4, "low": -22.5, "high": 14.75, "unit": "images"}
    assert numbers.effect(found) == "difference: −4 images (95\u00a0% interval −22.5 to 14.75)"
    assert numbers.effect(found | {"low": None}) == "difference: −4 images"
    assert numbers.effect(None) == ""


@pytest.mark.parametrize(
    ("text", "typeset"),
    [
        ("It's -4 images, in 2-4", "It’s −4 images, in 2-4"),
        ("of $x = -1$ and `a - 1 % 2`", "of $x = -1$ and `a - 1 % 2`"),
        ("$$\na -1\n$$\n", "$$\na -1\n$$\n"),
        ("$m$ = 1 and p < 0.001", "$m$~=~1 and p~<~0.001"),
        ("after epoch 5, 20 epochs, 95 %", "after epoch~5, 20~epochs, 95~%"),
        ("28 × 28 pixels; see Table 3", "28~×~28~pixels; see Table~3"),
    ],
)
def test_typeset_keeps_numbers_beside_their_units(text: str, typeset: str) -> None:
    assert numbers.typeset(text).replace("\u00a0", "~") == typeset
