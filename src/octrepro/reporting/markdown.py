"""The report's Markdown as one tree.

Beyond CommonMark without raw HTML the dialect has mathematics (``$...$`` and ``$$`` blocks) and four fenced
directives::

    ```figure <id>```        one figure              ```table <id>```       one table; inside, its caption
    ```figures <id> <id>```  figures side by side    ```claims <question>``` the claims of a question

``claims ours`` gives those that the source report does not make. A link without text, such as
``[](#figure-mlp_loss)`` or ``[](#table-results)``, reads as what it points to:
"Figure 5", "Table 2". A heading ``1.1a · Title`` gets its question's number set apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.dollarmath import dollarmath_plugin

from octrepro.reporting.content import Report
from octrepro.reporting.escape import slug

_OFF = ["html_block", "html_inline", "image", "autolink", "reference", "code", "lheading", "hr"]


def parser() -> MarkdownIt:
    """The dialect's parser: nothing in it can make markup of its own."""
    dialect = MarkdownIt("commonmark", {"html": False}).disable(_OFF)
    return dialect.use(dollarmath_plugin, allow_labels=False, allow_space=False)


@dataclass(frozen=True)
class Heading:
    """A heading as the table of contents shows it: `number` is the question's, such as 1.1a, or empty."""

    level: int
    anchor: str
    number: str
    title: str


@dataclass(frozen=True)
class Document:
    """The parsed report: its tree, its headings in order, and the labels of all that can be referred to."""

    tree: SyntaxTreeNode
    headings: tuple[Heading, ...]
    labels: dict[str, str]


def parse(report: Report) -> Document:
    """Parse the report's Markdown and number its figures and tables in the order they appear.

    Figures 1 to 14 keep the source report's numbers; those beyond it are S1, S2, ... Tables count from 1.

    Raises
    ------
    ValueError
        When the prose names a table that does not exist, uses an unknown directive, does not close one or
        shows a figure twice.
    """
    tree = SyntaxTreeNode(parser().parse(report.markdown))
    labels: dict[str, str] = {}
    extra = tables = 0
    for node in tree.walk():
        if node.type != "fence":
            continue
        name, arguments = directive(node)
        if "```" in node.content:
            raise ValueError(f"the prose does not close {node.info!r}")
        for argument in arguments if name in ("figure", "figures") else ():
            figure = report.figures.get(argument)
            if figure is None:
                continue  # it could not be drawn: the renderers say so in its place
            if f"figure-{argument}" in labels:
                raise ValueError(f"the prose shows figure {argument} twice")
            extra += figure.number is None
            labels[f"figure-{argument}"] = f"Figure {figure.number or f'S{extra}'}"
        for argument in arguments if name == "table" else ():
            if argument not in report.tables:
                raise ValueError(f"the prose shows table {argument}, which does not exist")
            if report.tables[argument].rows:
                tables += 1
                labels[f"table-{argument}"] = f"Table {tables}"
    return Document(tree, tuple(_headings(tree)), labels)


def directive(node: SyntaxTreeNode) -> tuple[str, list[str]]:
    """Name and arguments of a fenced directive."""
    name, *arguments = node.info.split()
    if name not in ("figure", "figures", "table", "claims"):
        raise ValueError(f"unknown directive in the prose: {node.info!r}")
    return name, arguments


def heading_of(node: SyntaxTreeNode) -> Heading:
    """Level, anchor, number and title of a heading node."""
    text = "".join(
        child.content for child in node.children[0].children if child.type in ("text", "code_inline")
    )
    number, mark, title = text.partition(" · ")
    if not mark:
        number, title = "", text
    anchor = f"question-{slug(number)}" if number else slug(title)
    return Heading(int(node.tag[1]), anchor, number, title)


def _headings(tree: SyntaxTreeNode) -> list[Heading]:
    headings = [heading_of(node) for node in tree.children if node.type == "heading"]
    anchors = [heading.anchor for heading in headings]
    if len(set(anchors)) != len(anchors):
        raise ValueError(f"two headings have one anchor: {sorted(anchors)}")
    return headings
