"""Text that comes from data, made safe to show."""

import re
import textwrap
import unicodedata
from collections.abc import Callable
from itertools import groupby


def printable(text: str) -> str:
    """`text` without characters that only act: controls, changes of direction, what XML cannot hold.

    Line ends and spaces of any width stay; other white space becomes a space.
    """
    spaced = re.sub(r"[\t\r\v\f\x1c-\x1f\x85\u2028\u2029]", " ", text)
    return "".join(character for character in spaced if character.isprintable() or character.isspace())


def plain(text: str, limit: int | None = None) -> str:
    """Make `text` one line of printable characters, at most `limit` of them.

    Runs of white space become one space; what is too long ends in an ellipsis. Markup needs no care here: it
    is escaped where it is written.

    >>> plain("choroidal\\nneovascularization", limit=12)
    'choroidal n…'
    """
    line = " ".join(unicodedata.normalize("NFC", printable(text)).split())
    return line if limit is None or len(line) <= limit else line[: limit - 1].rstrip() + "…"


def wrapped(text: str, width: int, lines: int) -> list[str]:
    """Break `text`, made `plain`, into at most `lines` lines of at most `width` characters (4 at least)."""
    return textwrap.wrap(plain(text), max(width, 4), max_lines=lines, placeholder="…") or [""]


def latin(text: str, can_set: Callable[[str], bool], mark: Callable[[str], str] = str) -> str:
    """Transliterate the characters of `text` that cannot be set, so that a reader can still say them.

    `can_set` says whether a character can stay as it is; `mark` is applied to each transliterated run.

    >>> latin("Dr. \u674e\u660e", str.isascii)
    'Dr. LiMing'
    """
    from anyascii import anyascii

    pieces = (("".join(run), kept) for kept, run in groupby(text, can_set))
    return "".join(
        piece if kept else mark(" ".join(anyascii(piece).split()) or "?") for piece, kept in pieces
    )
