"""The report's Markdown as one tree, and the walk over it that both renderers share.

Beyond CommonMark without raw HTML the dialect has tables, mathematics (``$...$`` and ``$$`` blocks) and four
fenced directives::

    ```figure <id>```        one figure              ```table <id>```       one table
    ```figures <id> <id>```  figures side by side    ```claims <question>``` the claims of a question

A link without text, such as ``[](#figure-mlp_loss)`` or ``[](#table-results)``, reads as what it points to:
"Figure 5", "Table 2". A heading ``1.1a · Title`` gets its question's number set apart.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.dollarmath import dollarmath_plugin

from octrepro.reporting.content import Claim, Figure, Report, Table
from octrepro.reporting.escape import slug

_OFF = ["html_block", "html_inline", "image", "autolink", "reference", "code", "lheading"]


def parser() -> MarkdownIt:
    """The dialect's parser: nothing in it can make markup of its own."""
    dialect = MarkdownIt("commonmark", {"html": False}).enable("table").disable(_OFF)
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
        When the prose names a table that does not exist, uses an unknown directive or shows a figure twice.
    """
    tree = SyntaxTreeNode(parser().parse(report.markdown))
    labels: dict[str, str] = {}
    extra = tables = 0
    for node in tree.walk():
        if node.type != "fence":
            continue
        name, arguments = directive(node)
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


class Renderer(ABC):
    """Walks the tree; a subclass says how each kind of node is written.

    Every node type that the dialect knows has a method ``<type>(node)``; an unknown one is an error, so that
    no construct is lost in one of the two renderings.
    """

    def __init__(self, report: Report, document: Document) -> None:
        self.report = report
        self.document = document

    def body(self) -> str:
        """The whole document."""
        return self.blocks(self.document.tree)

    def blocks(self, node: SyntaxTreeNode) -> str:
        """All children of `node`, one after the other."""
        return "".join(self.render(child) for child in node.children)

    def render(self, node: SyntaxTreeNode) -> str:
        """One node with all below it."""
        method = getattr(self, f"on_{node.type}", None)
        if method is None:
            raise ValueError(f"no rendering of Markdown's {node.type}")
        written: str = method(node)
        return written

    def inline_markdown(self, text: str) -> str:
        """One line of Markdown of our own, such as a caption or a claim's sentence."""
        tree = SyntaxTreeNode(parser().parseInline(re.sub(r"[ \t\n]+", " ", text)))
        return self.blocks(tree)

    def on_inline(self, node: SyntaxTreeNode) -> str:
        return self.blocks(node)

    def on_fence(self, node: SyntaxTreeNode) -> str:
        name, arguments = directive(node)
        if name == "table":
            return self.table(self.report.tables[arguments[0]])
        if name == "claims":
            chosen = [claim for claim in self.report.claims if claim.question in arguments]
            return self.claims(chosen)
        found = [self.report.figures[argument] for argument in arguments if argument in self.report.figures]
        missing = [argument for argument in arguments if argument not in self.report.figures]
        absent = "".join(self.absent_figure(argument) for argument in missing)
        return (self.figures(found) if found else "") + absent

    def reason(self, figure: str) -> str:
        """Why a figure that the prose names is not there, in plain text."""
        return self.report.omitted.get(figure, "it was not drawn")

    def label(self, anchor: str) -> str:
        """What an anchor is called in running text."""
        return self.document.labels.get(anchor, "the figure that is not in this build")

    @abstractmethod
    def table(self, table: Table) -> str:
        """A table of data."""

    @abstractmethod
    def figures(self, figures: list[Figure]) -> str:
        """One figure, or several side by side."""

    @abstractmethod
    def absent_figure(self, figure: str) -> str:
        """A note in the place of a figure that could not be drawn."""

    @abstractmethod
    def claims(self, claims: list[Claim]) -> str:
        """The claims of a question with their verdicts."""
