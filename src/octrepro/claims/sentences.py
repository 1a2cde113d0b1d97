"""Numbers in sentences, as Markdown."""

from __future__ import annotations


def more_or_fewer(images: float) -> str:
    """A difference in images, or in their mean number, in words."""
    if images == 0:
        return "no image more or fewer"
    size = f"{abs(images):.1f}".removesuffix(".0")
    return f"{size} {'image' if size == '1' else 'images'} {'more' if images > 0 else 'fewer'}"


def scientific(value: float, digits: int = 2) -> str:
    """A number as mathematics, with a power of ten where it is small or large."""
    if value == 0 or 0.001 <= abs(value) < 10_000:
        return f"${value:.{digits}g}$"
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return rf"${mantissa} \times 10^{{{int(exponent)}}}$"
