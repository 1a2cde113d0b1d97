"""The differences as Markdown, and as an HTML page with the curves of both sides."""

import io
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from octrepro.core.files import write_bytes, write_text
from octrepro.diff import gate
from octrepro.diff.changes import Change, compare

FOLDER = Path("build/diff")
CLAIMS = Path("build/claims.xml")
MEASURES = {
    "train_loss": "Training loss",
    "val_loss": "Validation loss",
    "val_accuracy": "Validation accuracy",
}
_MARKDOWN_SPECIALS = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>#|$~"})

# Title, columns and rows, of plain text; no rows say that nothing of its kind changed.
Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]


def write_pages(revision: str, fail_on: str = "verdicts") -> bool:
    """Write what changed since `revision`: diff.md and diff.html in build/diff, build/claims.xml.

    Says first whether anything moved that must not (on GitHub with an annotation for each verdict), then how
    much changed. Returns whether anything moved of what `fail_on`, a level of the gate, includes.
    """
    found = compare(revision)
    statements = {each.of: each.now or each.before for each in found["statements"]}
    found["verdicts"] = [replace(each, of=(*each.of, statements[each.of])) for each in found["verdicts"]]
    moved = {kind: [each for each in changes if each.moved] for kind, changes in found.items()}
    rows = {kind: [each.row for each in changes] for kind, changes in moved.items()}
    moves = gate.moves(fail_on, moved)
    title, summary = f"What changed since {revision}", gate.sentence(moves, revision)
    tables: list[Table] = [
        ("Parameters", ("parameter", revision, "now"), rows["parameters"]),
        ("Metrics", ("run", "metric", revision, "now"), rows["metrics"]),
        ("Verdicts", ("data set", "claim", "statement", revision, "now"), rows["verdicts"]),
        ("Curves", ("data set", "run"), [each.of for each in moved["curves"]]),
    ]
    drawings = [(*each.of, _svg(each, number, revision)) for number, each in enumerate(moved["curves"])]
    write_text(FOLDER / "diff.md", markdown(title, summary, tables))
    write_text(FOLDER / "diff.html", html(title, summary, tables, drawings))
    write_bytes(CLAIMS, gate.junit(found["verdicts"], revision))
    print(summary, end="\n\n")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print(*gate.workflow_commands(moves), sep="\n")
    for kind, _, changed in tables:
        print(f"{kind}: {len(changed) or 'no'} change{'s' * (len(changed) != 1)}")
    print(f"\n{FOLDER / 'diff.md'}\n{FOLDER / 'diff.html'}\n{CLAIMS}")
    return any(moves.values())


def markdown(title: str, summary: str, tables: Sequence[Table]) -> str:
    """A page for a pull request's summary."""

    def row(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cell.translate(_MARKDOWN_SPECIALS) for cell in cells)} |"

    parts = [f"# {title.translate(_MARKDOWN_SPECIALS)}", "", summary.translate(_MARKDOWN_SPECIALS), ""]
    for kind, columns, rows in tables:
        lines = [row(columns), "|" + " --- |" * len(columns), *map(row, rows)]
        parts += [f"## {kind}", "", *(lines if rows else ["No change."]), ""]
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


def _svg(pair: Change, number: int, revision: str) -> str:
    """The curves of a history whose text is given before and now."""
    import pandas as pd

    from octrepro.plotting.palette import PALETTE
    from octrepro.plotting.saving import svg
    from octrepro.plotting.style import panels

    fig, axes = panels(len(MEASURES), width="text", height=2.1)
    for text, label, color, style in (
        (pair.before, revision, PALETTE[5], "--"),
        (pair.now, "now", PALETTE[0], "-"),
    ):
        if text:
            history = pd.read_csv(io.StringIO(text))
            for ax, column in zip(axes, MEASURES, strict=True):
                ax.plot(history["epoch"], history[column], style, color=color, label=label)
    for ax, measure in zip(axes, MEASURES.values(), strict=True):
        ax.set_title(measure)
        ax.set_xlabel("epoch")
    axes[0].legend(frameon=False)
    dataset, run = pair.of
    return svg(fig, f"diff_{number}", f"Curves of {run} on {dataset}: {revision} dashed, now solid.")
