"""Write a figure as SVG, PDF and CSV, the same bytes every time."""

import io
import unicodedata
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.text import Text

from octrepro.core.files import write_bytes, write_text
from octrepro.plotting.svg import inlinable
from octrepro.plotting.text import latin, plain


@dataclass(frozen=True)
class Drawing:
    """A figure, the words that go with it, and what it was drawn from.

    Title, caption and alternative text are plain text without markup. The title is not drawn: the page sets
    it. The alternative text tells a reader who cannot see the figure what it shows, with the numbers. `data`
    are columns of equal length, `sources` files relative to the project's root.
    """

    figure: Figure
    title: str
    caption: str
    alt: str
    data: Mapping[str, Iterable[Any]]
    sources: Sequence[str]


def save(
    drawing: Drawing,
    folder: Path,
    id: str,
    *,
    stage: str,
    number: int | None = None,
    synthetic: bool = False,
) -> dict[str, Any]:
    """Write ``<id>.svg``, ``<id>.pdf`` and ``<id>.csv`` into `folder`, and return the entry for the index.

    `number` is the one that the figure has in the source report, if it has one. That data are `synthetic` the
    alternative text says first. In the CSV, floats have full precision, and NaN is nothing.
    """
    alt = ("Synthetic data. " if synthetic else "") + drawing.alt
    write_text(folder / f"{id}.svg", svg(drawing.figure, id, alt))
    write_bytes(folder / f"{id}.pdf", _pdf(drawing.figure, plain(drawing.title)))
    # As objects, a column of whole numbers stays one where a value is missing.
    columns = {name: list(column) for name, column in drawing.data.items()}
    table: str = pd.DataFrame(columns, dtype=object).to_csv(index=False, lineterminator="\n")
    write_text(folder / f"{id}.csv", table)
    return {
        "id": id,
        "number": number,
        "title": drawing.title,
        "caption": drawing.caption,
        "alt": alt,
        "stage": stage,
        "data": list(drawing.sources),
        "synthetic": synthetic,
    }


def svg(figure: Figure, id: str, alt: str) -> str:
    """The figure as an SVG element that can stand in a page among others."""
    # Matplotlib's ids are hashes; with this they are none of another figure's.
    with matplotlib.rc_context({"svg.hashsalt": id}), warnings.catch_warnings():
        # A class name may be in a script the font lacks; the SVG keeps its text all the same.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        written = io.BytesIO()
        figure.savefig(written, format="svg")
    return inlinable(written.getvalue().decode(), alt)


def _pdf(figure: Figure, title: str) -> bytes:
    """The figure as PDF; what the font lacks or would stand in the wrong direction is transliterated."""
    font = get_font(findfont("DejaVu Sans"))

    def can_set(character: str) -> bool:
        left_to_right = unicodedata.bidirectional(character) not in ("R", "AL")
        return character.isspace() or (left_to_right and font.get_char_index(ord(character)) != 0)

    for text in figure.findobj(Text):
        text.set_text(latin(text.get_text(), can_set))
    metadata = {"Title": title, "Creator": None, "Producer": None, "CreationDate": None}
    written = io.BytesIO()
    figure.savefig(written, format="pdf", metadata=metadata)
    return written.getvalue()
