"""Write a figure as SVG, PDF and CSV, the same bytes every time."""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octrepro.core.files import write_bytes, write_json, write_text
from octrepro.plotting.info import FigureInfo
from octrepro.plotting.style import apply_style
from octrepro.plotting.svg import inlinable
from octrepro.plotting.text import latin, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save(fig: Figure, folder: Path, info: FigureInfo, data: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Write ``<id>.svg``, ``<id>.pdf`` and ``<id>.csv`` into `folder`.

    Parameters
    ----------
    fig : Figure
        What to draw; its text is never read as mathematics.
    folder : Path
        Made when it does not exist.
    info : FigureInfo
        The words that go with it.
    data : mapping of str to sequence
        The columns behind the figure, of equal length; floats with full precision, NaN as nothing.

    Returns
    -------
    dict
        The entry for ``figures.json``.

    Raises
    ------
    ValueError
        If the id would not make a file name, or the columns differ in length.
    """
    if not re.fullmatch(r"[A-Za-z0-9_]+", info.id):
        raise ValueError(f"a figure's id is made of letters, digits and _, not {info.id!r}")
    table = _csv(data)
    apply_style()
    _forbid_mathematics(fig)
    folder.mkdir(parents=True, exist_ok=True)
    title = plain(info.title)
    svg = _render(fig, "svg", title).decode("utf-8")
    write_text(folder / f"{info.id}.svg", inlinable(svg, info.id, info.alt))
    _keep_to_the_font(fig)
    write_bytes(folder / f"{info.id}.pdf", _render(fig, "pdf", title))
    write_text(folder / f"{info.id}.csv", table)
    return info.entry()


def write_index(
    folder: Path, entries: Iterable[Mapping[str, Any]], omitted: Iterable[Mapping[str, Any]] | None = None
) -> None:
    """Write ``figures.json``: the list of the entries, and ``omitted.json`` when figures were left out."""
    write_json(folder / "figures.json", [dict(entry) for entry in entries])
    if omitted is not None:
        write_json(folder / "omitted.json", [dict(entry) for entry in omitted])


def _csv(data: Mapping[str, Sequence[Any]]) -> str:
    import pandas as pd

    # As objects, a column of whole numbers stays one where a value is missing.
    columns = {name: list(column) for name, column in data.items()}
    text: str = pd.DataFrame(columns, dtype=object).to_csv(index=False, lineterminator="\n")
    return text


def _forbid_mathematics(fig: Figure) -> None:
    from matplotlib.text import Text

    for text in fig.findobj(Text):
        text.set_parse_math(False)


def _keep_to_the_font(fig: Figure) -> None:
    """Transliterate what the font lacks or Matplotlib would set in the wrong direction."""
    from matplotlib.font_manager import findfont, get_font
    from matplotlib.text import Text

    font = get_font(findfont("DejaVu Sans"))

    def can_set(character: str) -> bool:
        left_to_right = unicodedata.bidirectional(character) not in ("R", "AL")
        return character.isspace() or (left_to_right and font.get_char_index(ord(character)) != 0)

    for text in fig.findobj(Text):
        written = latin(text.get_text(), can_set)
        if written != text.get_text():
            text.set_text(written)


def _render(fig: Figure, kind: str, title: str) -> bytes:
    buffer = io.BytesIO()
    metadata: dict[str, str | None] = {"Creator": None}
    if kind == "pdf":
        metadata |= {"Producer": None, "CreationDate": None, "Title": title}
    else:
        metadata |= {"Date": None}
    with warnings.catch_warnings():
        # A class name may be in a script the font lacks; the SVG keeps its text all the same.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        fig.savefig(buffer, format=kind, metadata=metadata)
    return buffer.getvalue()
