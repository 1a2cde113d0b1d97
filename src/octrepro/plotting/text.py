"""Text that comes from data, made safe to draw."""

import textwrap
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import groupby


def plain(text: str, limit: int | None = None) -> str:
    """Make `text` one line of printable characters, at most `limit` of them.

    Control characters and lone surrogates, which XML cannot hold, become spaces, and runs of white space one
    space; what is too long ends in an ellipsis. Markup needs no care here: it is escaped where it is written.

    >>> plain("choroidal\\nneovascularization", limit=12)
    'choroidal n…'
    """
    printable = (
        "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Cn", "Zl", "Zp") else c for c in text)
    ).split()
    line = " ".join(printable)
    if limit is not None and len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return line


def wrapped(text: str, width: int, lines: int) -> list[str]:
    """Break `text`, made `plain`, into at most `lines` lines of at most `width` characters (4 at least)."""
    return textwrap.wrap(plain(text), max(width, 4), max_lines=lines, placeholder="…") or [""]


def latin(text: str, can_set: Callable[[str], bool], mark: Callable[[str], str] = str) -> str:
    """Transliterate the characters of `text` that cannot be set, so that a reader can still say them.

    Parameters
    ----------
    text : str
        Any text.
    can_set : callable
        Whether a character can stay as it is.
    mark : callable, optional
        Applied to each transliterated run of characters.

    >>> latin("Dr. \u674e\u660e", str.isascii)
    'Dr. LiMing'
    """

    from anyascii import anyascii

    pieces = (("".join(run), kept) for kept, run in groupby(text, can_set))
    return "".join(
        piece if kept else mark(" ".join(anyascii(piece).split()) or "?") for piece, kept in pieces
    )


@cache
def text_width(text: str, size: float) -> float:
    """Width in points of `text` set in the figures' font at `size` points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(family="DejaVu Sans", size=size)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, False)
    return float(width)
