"""The report as one HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from octrepro.plotting.palette import DARK, LIGHT, css_rules, css_variables
from octrepro.reporting.content import VERDICTS, Report
from octrepro.reporting.escape import html as escape
from octrepro.reporting.markdown import Document, Heading, parse
from octrepro.reporting.mathml import mathml
from octrepro.reporting.rendering import Renderer, environment

VERDICT_MARKS = {"holds": "✓", "fails": "✕", "inconclusive": "?"}
_FORMULA_END = re.compile(r"(<math [^>]*>(?:(?!</math>).)*</math>)([.,;:!?)”’]+)", re.DOTALL)


def page(report: Report, folder: Path = Path("report")) -> str:
    """The whole page, from the template, style sheet and script in `folder`.

    The page's content security policy lets no request out and no script in but the one whose hash it names.
    """
    document = parse(report)
    script = (folder / "templates" / "page.js").read_text(encoding="utf-8")
    return (
        templates(folder)
        .get_template("page.html.j2")
        .render(
            report=report,
            contents=_contents(document.headings),
            verdicts=list(VERDICTS),
            plurals=VERDICTS,
            marks=VERDICT_MARKS,
            light=css_variables(LIGHT),
            dark=css_variables(DARK),
            style=(folder / "style.css").read_text(encoding="utf-8") + css_rules(),
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            body=body(report, document, folder),
        )
    )


def body(report: Report, document: Document, folder: Path = Path("report")) -> str:
    """What stands between the page's head and its foot."""
    return Renderer(report, document, templates(folder).get_template("nodes.html.j2")).body()


def templates(folder: Path) -> Environment:
    """The page's templates; whatever they insert is escaped unless a filter here made it."""
    made = environment(loader=FileSystemLoader(folder / "templates"), autoescape=True)
    made.globals["zip"] = zip
    made.filters |= {
        "plain": lambda text: Markup(escape(text)),  # noqa: S704 - just escaped
        "mathml": lambda latex, display: Markup(mathml(latex, display=display)),  # noqa: S704
        "quoted": lambda text: quote(text, safe=",.:;/()=+-"),
        "mark": VERDICT_MARKS.__getitem__,
        "keep_together": _keep_together,
    }
    return made


def _keep_together(text: Markup) -> Markup:
    """Punctuation stays beside the formula before it, where browsers would let it onto the next line."""
    return Markup(_FORMULA_END.sub(r'<span class="together">\1\2</span>', str(text)))  # noqa: S704


def _contents(headings: tuple[Heading, ...]) -> list[tuple[Heading, list[Heading]]]:
    """Parts with the sections below them, for the table of contents."""
    contents: list[tuple[Heading, list[Heading]]] = []
    for heading in headings:
        if heading.level == 1:
            contents.append((heading, []))
        elif heading.level == 2 and contents:
            contents[-1][1].append(heading)
    return contents
