"""The report as one HTML page that needs nothing but itself."""

import base64
import hashlib
import re
from urllib.parse import quote

from markupsafe import Markup
from math_core import LatexToMathML

from octrepro.plotting.palette import css
from octrepro.plotting.text import printable
from octrepro.reporting.content import FOLDER, VERDICTS, Report
from octrepro.reporting.rendering import Heading, Renderer, environment

VERDICT_MARKS = {"holds": "✓", "fails": "✕", "inconclusive": "?"}
_FORMULA_END = re.compile(r"(<math [^>]*>(?:(?!</math>).)*</math>)([.,;:!?)”’]+)", re.DOTALL)


def page(report: Report) -> str:
    """The whole page.

    Its content security policy lets no request out and no script in but the one whose hash it names.
    """
    # Whatever the templates insert is escaped unless a filter here made it.
    templates = environment(FOLDER / "templates", finalize=_printable)
    templates.globals["marks"] = VERDICT_MARKS
    templates.filters |= {
        "mathml": _formula,
        "quoted": lambda text: quote(text, safe=",.:;/()=+-"),
        "keep_together": _keep_together,
    }
    renderer = Renderer(report, templates.get_template("nodes.html.j2"))
    script = (FOLDER / "templates" / "page.js").read_text(encoding="utf-8")
    return templates.get_template("page.html.j2").render(
        report=report,
        contents=_contents(renderer.headings),
        verdicts=VERDICTS,
        style=(FOLDER / "style.css").read_text(encoding="utf-8") + css(),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        body=renderer.body(),
    )


def _printable(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _keep_together(text: Markup) -> Markup:
    """Punctuation stays beside the formula before it, where browsers would let it onto the next line."""
    return Markup(_FORMULA_END.sub(r'<span class="together">\1\2</span>', str(text)))  # noqa: S704


def _formula(latex: str, *, display: bool) -> Markup:
    """`latex` as MathML, with itself as the alternative text; an unknown command is a LatexError."""
    written = LatexToMathML().convert_with_local_state(latex, displaystyle=display)
    return Markup('<math alttext="{}"{}').format(latex.strip(), Markup(written.removeprefix("<math")))  # noqa: S704


def _contents(headings: list[Heading]) -> list[tuple[Heading, list[Heading]]]:
    """Parts with the sections below them, for the table of contents."""
    contents: list[tuple[Heading, list[Heading]]] = []
    for heading in headings:
        if heading.level == 1:
            contents.append((heading, []))
        elif heading.level == 2 and contents:
            contents[-1][1].append(heading)
    return contents
