"""The report's Markdown as one tree.

Beyond CommonMark without raw HTML the dialect has mathematics (``$...$`` and ``$$`` blocks) and four fenced
directives::

    ```figure <id>```        one figure              ```table <id>```       one table; inside, its caption
    ```figures <id> <id>```  figures side by side    ```claims <question>``` the claims of a question

``claims ours`` gives those that the source report does not make. A link without text, such as
``[](#figure-mlp_loss)`` or ``[](#table-results)``, reads as what it points to:
"Figure 5", "Table 2". A heading ``1.1a · Title`` gets its question's number set apart.
"""

import re
import unicodedata
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.dollarmath import dollarmath_plugin

from octrepro.reporting.content import Report

_OFF = ["html_block", "html_inline", "image", "autolink", "reference", "code", "lheading", "hr"]


def parser() -> MarkdownIt:
    """The dialect's parser: nothing in it can make markup of its own."""
    dialect = MarkdownIt("commonmark", {"html": False}).disable(_OFF)
    return dialect.use(dollarmath_plugin, allow_labels=False, allow_space=False)


class Heading(NamedTuple):
    """A heading as the table of contents shows it: `number` is the question's, such as 1.1a, or empty."""

    level: int
    anchor: str
    number: str
    title: str


def heading_of(node: SyntaxTreeNode) -> Heading:
    """Level, anchor, number and title of a heading node."""
    inner = node.children[0].children
    text = "".join(child.content for child in inner if child.type in ("text", "code_inline"))
    number, mark, title = text.partition(" · ")
    if not mark:
        number, title = "", text
    anchor = f"question-{_slug(number)}" if number else _slug(title)
    return Heading(int(node.tag[1]), anchor, number, title)


def _slug(text: str) -> str:
    """`text` as an anchor in HTML and a label in LaTeX: ASCII letters, digits and hyphens."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")


def headings(tree: SyntaxTreeNode) -> list[Heading]:
    """The headings in order; two with one anchor are an error."""
    found = [heading_of(node) for node in tree.children if node.type == "heading"]
    anchors = [heading.anchor for heading in found]
    if len(set(anchors)) != len(anchors):
        raise ValueError(f"two headings have one anchor: {sorted(anchors)}")
    return found


def directive(node: SyntaxTreeNode) -> tuple[str, list[str]]:
    """Name and arguments of a fenced directive."""
    name, *arguments = node.info.split()
    if name not in ("figure", "figures", "table", "claims"):
        raise ValueError(f"unknown directive in the prose: {node.info!r}")
    if "```" in node.content:
        raise ValueError(f"the prose does not close {node.info!r}")
    return name, arguments


def labels(tree: SyntaxTreeNode, report: Report) -> dict[str, str]:
    """What figures and tables are called, by anchor, numbered in the order they appear.

    Figures 1 to 14 keep the source report's numbers; those beyond it are S1, S2, ... Tables count from 1. A
    table that does not exist, an unknown or open directive and a figure shown twice are a ValueError.
    """
    found: dict[str, str] = {}
    extra = tables = 0
    for node in tree.walk():
        name, arguments = directive(node) if node.type == "fence" else ("", [])
        if name == "table":
            (table,) = arguments
            if table not in report.tables:
                raise ValueError(f"the prose shows table {table}, which does not exist")
            if report.tables[table]:
                tables += 1
                found[f"table-{table}"] = f"Table {tables}"
        elif name in ("figure", "figures"):
            # One that could not be drawn has no number: the renderers say so in its place.
            for figure in filter(report.figures.__contains__, arguments):
                if f"figure-{figure}" in found:
                    raise ValueError(f"the prose shows figure {figure} twice")
                number = report.figures[figure]["number"]
                extra += number is None
                found[f"figure-{figure}"] = f"Figure {number or f'S{extra}'}"
    return found
