"""The report as one HTML page that needs nothing but itself."""

import base64
import hashlib
import re
from urllib.parse import quote

from jinja2 import FileSystemLoader
from markupsafe import Markup

from octrepro.plotting.palette import DARK, LIGHT, css_rules, css_variables
from octrepro.plotting.text import printable
from octrepro.reporting.content import FOLDER, VERDICTS, Report
from octrepro.reporting.markdown import Heading
from octrepro.reporting.mathml import mathml
from octrepro.reporting.rendering import Renderer, environment

VERDICT_MARKS = {"holds": "✓", "fails": "✕", "inconclusive": "?"}
_FORMULA_END = re.compile(r"(<math [^>]*>(?:(?!</math>).)*</math>)([.,;:!?)”’]+)", re.DOTALL)


def page(report: Report) -> str:
    """The whole page.

    Its content security policy lets no request out and no script in but the one whose hash it names.
    """
    # Whatever the templates insert is escaped unless a filter here made it.
    templates = environment(FileSystemLoader(FOLDER / "templates"), finalize=_printable)
    templates.globals |= {"zip": zip, "marks": VERDICT_MARKS}
    templates.filters |= {
        "mathml": lambda latex, display: Markup(mathml(latex, display=display)),  # noqa: S704
        "quoted": lambda text: quote(text, safe=",.:;/()=+-"),
        "keep_together": _keep_together,
    }
    renderer = Renderer(report, templates.get_template("nodes.html.j2"))
    script = (FOLDER / "templates" / "page.js").read_text(encoding="utf-8")
    return templates.get_template("page.html.j2").render(
        report=report,
        contents=_contents(renderer.headings),
        verdicts=VERDICTS,
        light=css_variables(LIGHT),
        dark=css_variables(DARK),
        style=(FOLDER / "style.css").read_text(encoding="utf-8") + css_rules(),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        body=renderer.body(),
    )


def _printable(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _keep_together(text: Markup) -> Markup:
    """Punctuation stays beside the formula before it, where browsers would let it onto the next line."""
    return Markup(_FORMULA_END.sub(r'<span class="together">\1\2</span>', str(text)))  # noqa: S704


def _contents(headings: list[Heading]) -> list[tuple[Heading, list[Heading]]]:
    """Parts with the sections below them, for the table of contents."""
    contents: list[tuple[Heading, list[Heading]]] = []
    for heading in headings:
        if heading.level == 1:
            contents.append((heading, []))
        elif heading.level == 2 and contents:
            contents[-1][1].append(heading)
    return contents
