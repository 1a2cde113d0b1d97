"""Numbers and parameters as a reader sees them, written once for both renderings."""

import math
import re
from collections.abc import Mapping
from typing import Any

_UNITS = "nats|epochs?|times|pixels?|percentage points"
_COUNTED = "epochs?|figures?|tables?|questions?|batch|batch size|dropout|L2|p\\."
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def count(value: int) -> str:
    """A whole number with its thousands apart, such as 97,477."""
    return f"{value:,}"


def rate(value: float) -> str:
    """An accuracy with the four decimals of the source report."""
    return f"{value:.4f}"


def interval(share: Mapping[str, Any], digits: int = 3) -> str:
    """The ends of a confidence interval, such as 0.303–0.384."""
    return f"{share['low']:.{digits}f}–{share['high']:.{digits}f}"


def p_value(p: float) -> str:
    """A p-value in plain text."""
    return "p\u00a0<\u00a00.0001" if p < 0.0001 else f"p\u00a0=\u00a0{p:.2g}"


def number(value: float | None) -> str:
    """A number of unknown size: whole ones in full, others to four significant digits."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    magnitude = math.floor(math.log10(abs(value))) if value else 0
    if float(value).is_integer() and magnitude < 15:
        text = count(int(value))
    elif -4 <= magnitude < 6:
        text = f"{value:.4g}"
    else:
        text = f"{value / 10**magnitude:.3g} × 10{str(magnitude).translate(_SUPERSCRIPT)}"
    return text.replace("-", "−")


def effect(found: Mapping[str, Any] | None) -> str:
    """An effect with its interval and unit, in plain text."""
    if found is None or found["value"] is None:
        return ""
    size = f"{found['name']}: {number(found['value'])} {found['unit']}".rstrip()
    if found["low"] is None or found["high"] is None:
        return size
    return f"{size} (95\u00a0% interval {number(found['low'])} to {number(found['high'])})"


def typeset(text: str) -> str:
    """Text or Markdown of ours with typographic signs, its numbers kept beside their units and relations.

    Mathematics and code stay as they are.
    """
    parts = re.split(r"((?<!\\)\$\$.*?\$\$|(?<!\\)\$[^$]*\$|(?<!`)`[^`]+`(?!`))", text, flags=re.S)
    return "".join(_typographic(part) if index % 2 == 0 else part for index, part in enumerate(parts))


def _typographic(text: str) -> str:
    text = re.sub(r"(?<![\\\w.)\]-])-(?=\d)", "−", text)
    text = re.sub(r"(?<=\w)'", "’", text)
    text = re.sub(r" (\\?[=<>≤≥±×]) (?!$)", "\u00a0\\1\u00a0", text)
    text = re.sub(rf"(?<=\d) (?=({_UNITS})\b|\\?%)", "\u00a0", text)
    return re.sub(rf"\b({_COUNTED}) (?=\d)", "\\1\u00a0", text, flags=re.IGNORECASE)
