"""The differences as Markdown, and as an HTML page with the curves of both sides."""

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from octrepro.core.files import write_bytes, write_text
from octrepro.diff import changes, gate
from octrepro.diff.changes import ABSENT, Change, compare

FOLDER = Path("build/diff")
CLAIMS = Path("build/claims.xml")
NOW = "now"
MEASURES = {
    "train_loss": "Training loss",
    "val_loss": "Validation loss",
    "val_accuracy": "Validation accuracy",
}
_MARKDOWN_SPECIALS = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>#|$~"})


@dataclass(frozen=True)
class Table:
    """Rows of plain text under a title; none says that nothing of its kind changed."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


def write_pages(revision: str, fail_on: str = "verdicts") -> bool:
    """Write what changed since `revision`: diff.md and diff.html in build/diff, build/claims.xml.

    Says first whether anything moved that must not (on GitHub with an annotation for each verdict), then how
    much changed. Returns whether anything moved of what `fail_on`, a level of the gate, includes.
    """
    changes.check_revision(revision)
    verdicts = changes.verdicts(revision)
    constructions = compare(changes.constructions, revision)
    metrics = compare(changes.metrics, revision)
    curves = [history for history in compare(changes.histories, revision) if history.moved]
    moves = gate.moves(fail_on, verdicts, constructions, metrics, compare(changes.hashes, revision))
    summary = gate.sentence(moves, revision)
    sides = (revision, NOW)
    tables = [
        Table("Parameters", ("parameter", *sides), _rows(compare(changes.parameters, revision))),
        Table("Metrics", ("run", "metric", *sides, "change"), _with_difference(metrics)),
        Table("Verdicts", ("data set", "claim", "statement", *sides), _rows(verdicts)),
        Table("Boolean constructions", ("construction", *sides), _rows(constructions)),
        Table("Curves", ("data set", "run"), [curve.of for curve in curves]),
    ]
    title = f"What changed since {revision}"
    drawings = [(*curve.of, _svg(curve, number, revision)) for number, curve in enumerate(curves)]
    write_text(FOLDER / "diff.md", markdown(title, summary, tables))
    write_text(FOLDER / "diff.html", html(title, summary, tables, drawings))
    write_bytes(CLAIMS, gate.junit(verdicts, revision))
    print(summary, end="\n\n")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print(*gate.workflow_commands(moves), sep="\n")
    for table in tables:
        count = len(table.rows)
        print(f"{table.title}: {count or 'no'} change{'s' * (count != 1)}")
    print(f"\n{FOLDER / 'diff.md'}\n{FOLDER / 'diff.html'}\n{CLAIMS}")
    return any(moves.values())


def markdown(title: str, summary: str, tables: Sequence[Table]) -> str:
    """A page for a pull request's summary."""

    def row(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cell.translate(_MARKDOWN_SPECIALS) for cell in cells)} |"

    parts = [f"# {title.translate(_MARKDOWN_SPECIALS)}", "", summary.translate(_MARKDOWN_SPECIALS), ""]
    for table in tables:
        rows = [row(table.columns), "|" + " --- |" * len(table.columns), *map(row, table.rows)]
        parts += [f"## {table.title}", "", *(rows if table.rows else ["No change."]), ""]
    return "\n".join(parts)


def html(title: str, summary: str, tables: Sequence[Table], drawings: Sequence[tuple[str, ...]]) -> str:
    """A page of its own, in the report's style; each drawing is a data set, a run and its curves as SVG."""
    from jinja2 import StrictUndefined, Template

    from octrepro.plotting.palette import css

    source = Path("report/templates/diff.html.j2").read_text(encoding="utf-8")
    template = Template(source, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    page: str = template.render(
        title=title,
        summary=summary,
        tables=tables,
        drawings=drawings,
        style=Path("report/style.css").read_text(encoding="utf-8") + css(),
    )
    return page


def _rows(changed: Sequence[Change]) -> list[tuple[str, ...]]:
    return [each.row for each in changed if each.moved]


def _with_difference(metrics: Sequence[Change]) -> list[tuple[str, ...]]:
    rows = []
    for each in [metric for metric in metrics if metric.moved]:
        numbers = all(isinstance(value, (int, float)) for value in (each.before, each.now))
        rows.append((*each.row, f"{each.now - each.before:+.5g}" if numbers else ABSENT))
    return rows


def _svg(pair: Change, number: int, revision: str) -> str:
    """The curves of a history whose text is given before and now."""
    import pandas as pd

    from octrepro.plotting.palette import PALETTE
    from octrepro.plotting.saving import svg
    from octrepro.plotting.style import panels

    texts = {"before": pair.before, NOW: pair.now}
    both = pd.concat({side: pd.read_csv(io.StringIO(text)) for side, text in texts.items() if text})
    shown = [column for column in MEASURES if column in both and both[column].notna().any()]
    styles: dict[Any, dict[str, Any]] = {
        "before": {"label": revision, "color": PALETTE[5], "linestyle": "--"},
        NOW: {"label": NOW, "color": PALETTE[0]},
    }
    fig, axes = panels(len(shown), width="text", height=2.1)
    for ax, column in zip(axes, shown, strict=True):
        for side, history in both.groupby(level=0, sort=False):
            ax.plot(history["epoch"], history[column], **styles[side])
        ax.set_title(MEASURES[column])
        ax.set_xlabel("epoch")
    axes[0].legend(frameon=False)
    dataset, run = pair.of
    alt = f"Curves of {run} on {dataset}: {revision} dashed, {NOW} solid."
    return svg(fig, f"diff_{number}", alt)
