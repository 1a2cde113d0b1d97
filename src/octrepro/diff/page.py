"""The differences as Markdown, and as an HTML page with the curves of both sides."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octrepro.core.files import write_bytes, write_text
from octrepro.diff import gate
from octrepro.diff.changes import NOW, Curves, Table, check_revision, curves, tables, verdicts

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FOLDER = Path("build/diff")
CLAIMS = Path("build/claims.xml")

_MEASURES = (
    ("train_loss", "Training loss"),
    ("val_loss", "Validation loss"),
    ("val_accuracy", "Validation accuracy"),
)
_MARKDOWN_SPECIALS = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>#|$~"})


def write_pages(revision: str, fail_on: gate.FailOn = gate.FailOn.VERDICTS) -> bool:
    """Write what changed since `revision`: diff.md and diff.html in build/diff, build/claims.xml.

    Says first whether anything moved that must not (on GitHub with an annotation for each verdict), then how
    much changed.

    Returns
    -------
    bool
        Whether anything moved of what `fail_on` names.

    Raises
    ------
    UserError
        When git does not know the revision, or results cannot be read.
    """
    check_revision(revision)
    title = f"What changed since {revision}"
    claims = verdicts(revision)
    found, changed = tables(revision, claims), curves(revision)
    moved = gate.moves(fail_on, revision, found)
    summary = gate.sentence(moved, revision)
    write_text(FOLDER / "diff.md", markdown(title, summary, found, changed))
    write_text(FOLDER / "diff.html", html(title, summary, found, changed, revision))
    write_bytes(CLAIMS, gate.junit(claims, revision))
    print(summary, end="\n\n")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print(*gate.workflow_commands(moved), sep="\n")
    for name, count in [*((table.title, len(table.rows)) for table in found), ("Curves", len(changed))]:
        print(f"{name}: {count or 'no'} change{'s' * (count != 1)}")
    print(f"\n{FOLDER / 'diff.md'}\n{FOLDER / 'diff.html'}\n{CLAIMS}")
    return any(moved.values())


def markdown(title: str, summary: str, tables: Sequence[Table], curves: Sequence[Curves]) -> str:
    """A page for a pull request's summary."""
    parts = [f"# {title.translate(_MARKDOWN_SPECIALS)}", "", summary.translate(_MARKDOWN_SPECIALS), ""]
    for table in tables:
        parts += [f"## {table.title}", "", *_markdown_rows(table), ""]
    parts += ["## Curves", "", _curves_sentence(curves).translate(_MARKDOWN_SPECIALS), ""]
    return "\n".join(parts)


def html(title: str, summary: str, tables: Sequence[Table], curves: Sequence[Curves], revision: str) -> str:
    """A page of its own, in the report's style, with the curves of both sides."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from octrepro.plotting import css_rules, css_variables

    environment = Environment(
        loader=FileSystemLoader("report/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("diff.html.j2").render(
        title=title,
        summary=summary,
        tables=tables,
        curves_sentence=_curves_sentence(curves),
        drawings=[(pair, _svg(pair, number, revision)) for number, pair in enumerate(curves)],
        style=Path("report/style.css").read_text(encoding="utf-8") + css_rules(),
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
    return f"{len(curves)} {'history' if len(curves) == 1 else 'histories'} changed: {named}."


def _svg(pair: Curves, number: int, revision: str) -> str:
    from octrepro.plotting import PALETTE, FigureInfo, panels, save

    sides = ((pair.before, PALETTE[5], revision, "--"), (pair.now, PALETTE[0], NOW, "-"))
    histories = [history for history, *_ in sides if history is not None]
    shown = [
        (column, label)
        for column, label in _MEASURES
        if any(column in history and history[column].notna().any() for history in histories)
    ]
    fig, axes = panels(1, len(shown), width="text", height=2.1)
    for ax, (column, label) in zip(axes, shown, strict=True):
        for history, color, name, style in sides:
            _draw(ax, history, column, color=color, label=name, linestyle=style)
        ax.set_title(label)
        ax.set_xlabel("epoch")
    axes[0].legend(frameon=False)
    info = FigureInfo(
        id=f"diff_{number}",
        title=f"{pair.dataset}, {pair.run}",
        caption="",
        alt=f"Curves of {pair.run} on {pair.dataset}: {revision} dashed, {NOW} solid.",
        stage="",
        command="",
    )
    with tempfile.TemporaryDirectory() as folder:
        save(fig, Path(folder), info, {})
        return (Path(folder) / f"{info.id}.svg").read_text(encoding="utf-8")


def _draw(ax: Axes, history: pd.DataFrame | None, column: str, **style: Any) -> None:
    if history is not None and column in history:
        ax.plot(history["epoch"], history[column], **style)
