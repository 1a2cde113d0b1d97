"""The list of figures, and drawing all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from octrepro.core.progress import progress
from octrepro.figures.context import Context, Drawing, OmittedFigureError
from octrepro.plotting import FigureInfo, save, write_index

Draw = Callable[[Context], Drawing]


@dataclass(frozen=True)
class FigureSpec:
    """One figure: its name, its number in the source report if it has one there, and how it is drawn."""

    id: str
    number: int | None
    draw: Draw


def draw_all(specs: list[FigureSpec], context: Context, folder: Path) -> list[dict[str, Any]]:
    """Draw every figure that the runs allow into `folder`, with the index.

    Returns
    -------
    list of dict
        What was left out: ``id``, ``number`` and ``reason``; also written to ``omitted.json``.
    """
    entries, omitted = [], []
    for spec in progress(specs, total=len(specs), what=f"figures of {context.dataset}", unit="figure"):
        try:
            drawing = spec.draw(context)
        except OmittedFigureError as reason:
            omitted.append({"id": spec.id, "number": spec.number, "reason": str(reason)})
            continue
        entries.append(save(drawing.figure, folder, _info(spec, drawing, context), drawing.data))
    write_index(folder, entries, omitted)
    return omitted


def _info(spec: FigureSpec, drawing: Drawing, context: Context) -> FigureInfo:
    stage = f"figures@{context.dataset}"
    return FigureInfo(
        id=spec.id,
        number=spec.number,
        title=drawing.title,
        caption=drawing.caption,
        alt=("Synthetic data. " if context.synthetic else "") + drawing.alt,
        stage=stage,
        command=f"dvc repro {stage}",
        data=drawing.sources,
        synthetic=context.synthetic,
    )
