"""The differences as Markdown and as one HTML page with the curves laid over each other."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octrepro.diff.changes import Curves, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MEASURES = (
    ("train_loss", "Training loss"),
    ("val_loss", "Validation loss"),
    ("val_accuracy", "Validation accuracy"),
)
_MARKDOWN_SPECIALS = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>#|$~"})


def markdown(title: str, tables: Sequence[Table], curves: Sequence[Curves]) -> str:
    """A page for a pull request's summary."""
    parts = [f"# {title.translate(_MARKDOWN_SPECIALS)}", ""]
    for table in tables:
        parts += [f"## {table.title}", "", *_markdown_rows(table), ""]
    parts += ["## Curves", "", _curves_sentence(curves).translate(_MARKDOWN_SPECIALS), ""]
    return "\n".join(parts)


def html(title: str, tables: Sequence[Table], curves: Sequence[Curves], names: tuple[str, str]) -> str:
    """A page of its own, in the report's style, with the curves of both revisions."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from octrepro.plotting import css_variables

    environment = Environment(
        loader=FileSystemLoader("report/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("diff.html.j2").render(
        title=title,
        tables=tables,
        curves_sentence=_curves_sentence(curves),
        drawings=[(pair, _svg(pair, number, names)) for number, pair in enumerate(curves)],
        style=Path("report/style.css").read_text(encoding="utf-8"),
        light=css_variables("light"),
        dark=css_variables("dark"),
    )


def _markdown_rows(table: Table) -> list[str]:
    if not table.rows:
        return ["No change."]
    escaped = [[cell.translate(_MARKDOWN_SPECIALS) for cell in row] for row in (table.columns, *table.rows)]
    lines = ["| " + " | ".join(row) + " |" for row in escaped]
    return [lines[0], "|" + " --- |" * len(table.columns), *lines[1:]]


def _curves_sentence(curves: Sequence[Curves]) -> str:
    if not curves:
        return "No run's history changed."
    named = ", ".join(f"{pair.dataset}/{pair.run}" for pair in curves)
    return f"{len(curves)} histories changed: {named}."


def _svg(pair: Curves, number: int, names: tuple[str, str]) -> str:
    from octrepro.plotting import PALETTE, FigureInfo, panels, save

    shown = [(column, label) for column, label in _MEASURES if _recorded(pair, column)]
    fig, axes = panels(1, len(shown), width="text", height=2.1)
    for ax, (column, label) in zip(axes, shown, strict=True):
        for history, colour, name, style in (
            (pair.old, PALETTE[5], names[0], "--"),
            (pair.new, PALETTE[0], names[1], "-"),
        ):
            _draw(ax, history, column, color=colour, label=name, linestyle=style)
        ax.set_title(label)
        ax.set_xlabel("epoch")
    axes[0].legend(frameon=False)
    info = FigureInfo(
        id=f"diff_{number}",
        title=f"{pair.dataset}, {pair.run}",
        caption="",
        alt=f"Curves of {pair.run} on {pair.dataset}: {names[0]} dashed, {names[1]} solid.",
        stage="",
        command="",
    )
    with tempfile.TemporaryDirectory() as folder:
        save(fig, Path(folder), info, {})
        return (Path(folder) / f"{info.id}.svg").read_text(encoding="utf-8")


def _recorded(pair: Curves, column: str) -> bool:
    return any(
        value == value for history in (pair.old, pair.new) if history for value in history.get(column, [])
    )


def _draw(ax: Axes, history: dict[str, list[float]] | None, column: str, **style: Any) -> None:
    if history and column in history:
        ax.plot(history["epoch"], history[column], **style)
