"""The report as LaTeX for pdfLaTeX, the same content as the page."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from jinja2 import FileSystemLoader
from markupsafe import Markup

from octrepro.reporting.content import FOLDER, VERDICTS, Report
from octrepro.reporting.escape import TRANSLITERATED, latex, latex_code
from octrepro.reporting.rendering import Renderer, environment

# Figures made from more files than this name their folders instead.
MANY_FILES = 4


def document(report: Report) -> str:
    """All of report.tex."""
    # LaTeX's own braces and percent signs make Jinja's usual delimiters unreadable in a template.
    templates = environment(
        FileSystemLoader(FOLDER / "templates"),
        finalize=lambda value: value if isinstance(value, Markup) else latex(str(value)),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    templates.filters |= {"code": latex_code, "url": _url, "sources": _sources}
    body = Renderer(report, templates.get_template("nodes.tex.j2")).body()
    heads = " ".join(
        [report.title, report.subtitle, *report.authors, *(value for _, value, _ in report.facts)]
    )
    return templates.get_template("report.tex.j2").render(
        report=report,
        verdicts=VERDICTS,
        body=body,
        latinized=TRANSLITERATED in body + latex(heads),
    )


def _sources(figures: Iterable[Mapping[str, Any]]) -> list[str]:
    """The files that figures were drawn from: a few as they are, many as a count for each folder."""
    files = list(dict.fromkeys(path for figure in figures for path in figure["data"]))
    if len(files) <= MANY_FILES:
        return files
    folders = Counter("/".join(path.split("/")[:2]) for path in files)
    return [f"{folder}/ ({count} files)" for folder, count in folders.items()]


def _url(target: str) -> Markup:
    r"""A URL for ``\href``: everything that LaTeX could read is percent-encoded or escaped."""
    encoded = quote(target, safe="/:?=&,;+#%")
    return Markup(re.sub(r"([%#&_~])", r"\\\1", encoded))  # noqa: S704 - just escaped
