"""The report as LaTeX for pdfLaTeX, the same content as the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from octrepro.reporting.content import VERDICTS, Column, Figure, Report
from octrepro.reporting.escape import TRANSLITERATED, latex_code
from octrepro.reporting.escape import latex as escape
from octrepro.reporting.markdown import Document, parse
from octrepro.reporting.rendering import Renderer, environment

# Figures made from more files than this name their folders instead.
MANY_FILES = 4


def document(report: Report, folder: Path = Path("report")) -> str:
    """All of report.tex, from the template in `folder`."""
    written = body(report, parse(report), folder)
    heads = " ".join([report.title, report.subtitle, *report.authors, *(fact.value for fact in report.facts)])
    return (
        templates(folder)
        .get_template("report.tex.j2")
        .render(
            report=report,
            verdicts=list(VERDICTS),
            plurals=VERDICTS,
            body=written,
            latinized=TRANSLITERATED in written + escape(heads),
        )
    )


def body(report: Report, parsed: Document, folder: Path = Path("report")) -> str:
    """What stands between the table of contents and the end."""
    return Renderer(report, parsed, templates(folder).get_template("nodes.tex.j2")).body()


def templates(folder: Path) -> Environment:
    """LaTeX's templates; all data goes through a filter, since Jinja's own escapes are those of HTML."""
    # LaTeX's own braces and percent signs make Jinja's usual delimiters unreadable in a template.
    made = environment(
        loader=FileSystemLoader(folder / "templates"),
        autoescape=False,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    made.globals["zip"] = zip
    made.filters |= {
        "tex": escape,
        "texcode": latex_code,
        "url": _url,
        "columnspec": _column_specification,
        "sources": _sources,
    }
    return made


def _sources(figures: Iterable[Figure]) -> list[str]:
    """The files that figures were drawn from: a few as they are, many as a count for each folder."""
    files = list(dict.fromkeys(path for figure in figures for path in figure.data))
    if len(files) <= MANY_FILES:
        return files
    folders = Counter("/".join(path.split("/")[:2]) for path in files)
    return [f"{folder}/ ({count} files)" for folder, count in folders.items()]


def _column_specification(columns: Iterable[Column]) -> str:
    wide = r">{\raggedright\arraybackslash}X"
    return "".join(wide if each.wide else "r" if each.kind == "number" else "l" for each in columns)


def _url(target: str) -> str:
    r"""A URL for ``\href``: everything that LaTeX could read is percent-encoded or escaped."""
    encoded = re.sub(
        r"[^A-Za-z0-9/:?=&.,;+_~#%-]",
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()),
        target,
    )
    return re.sub(r"([%#&_~])", r"\\\1", encoded)
