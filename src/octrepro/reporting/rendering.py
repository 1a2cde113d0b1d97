"""The report's Markdown, and the walk over it: every node is written by the macro of its name in a template.

Beyond CommonMark without raw HTML the dialect has mathematics (``$...$`` and ``$$`` blocks) and four fenced
directives::

    ```figure <id>```        one figure              ```table <id>```       one table; inside, its caption
    ```figures <id> <id>```  figures side by side    ```claims <question>``` the claims of a question

``claims ours`` gives those that the source report does not make. A link without text, such as
``[](#figure-mlp_loss)`` or ``[](#table-results)``, reads as what it points to:
"Figure 5", "Table 2". A heading ``1.1a · Title`` gets its question's number set apart.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

from octrepro.reporting.content import Report

# Nothing in the dialect can make markup of its own.
_OFF = ["html_block", "html_inline", "image", "autolink", "reference", "code", "lheading", "hr"]
PARSER = (
    MarkdownIt("commonmark", {"html": False})
    .disable(_OFF)
    .use(dollarmath_plugin, allow_labels=False, allow_space=False)
)


class Heading(NamedTuple):
    """A heading as the table of contents shows it: `number` is the question's, such as 1.1a, or empty."""

    level: int
    anchor: str
    number: str
    title: str


def _heading(node: SyntaxTreeNode) -> Heading:
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
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _directive(node: SyntaxTreeNode) -> tuple[str, list[str]]:
    """Name and arguments of a fenced directive."""
    name, *arguments = node.info.split()
    if name not in ("figure", "figures", "table", "claims"):
        raise ValueError(f"unknown directive in the prose: {node.info!r}")
    if "```" in node.content:
        raise ValueError(f"the prose does not close {node.info!r}")
    return name, arguments


def _labels(tree: SyntaxTreeNode, report: Report) -> dict[str, str]:
    """What figures and tables are called, by anchor, numbered in the order they appear.

    Figures 1 to 14 keep the source report's numbers; those beyond it are S1, S2, ... Tables count from 1. An
    unknown or open directive and a figure shown twice are a ValueError, an unknown table is a KeyError.
    """
    found: dict[str, str] = {}
    extra = tables = 0
    for node in tree.walk():
        name, arguments = _directive(node) if node.type == "fence" else ("", [])
        if name == "table" and report.tables[arguments[0]]:
            tables += 1
            found[f"table-{arguments[0]}"] = f"Table {tables}"
        elif name in ("figure", "figures"):
            # One that could not be drawn has no number: the renderers say so in its place.
            for figure in filter(report.figures.__contains__, arguments):
                if f"figure-{figure}" in found:
                    raise ValueError(f"the prose shows figure {figure} twice")
                number = report.figures[figure]["number"]
                extra += number is None
                found[f"figure-{figure}"] = f"Figure {number or f'S{extra}'}"
    return found


class Renderer:
    """Writes a report with the macros of one template, which see this object as ``r``.

    The template has a macro for every node type of the dialect, called with the node and what is in it, and
    ``heading``, ``end``, ``data_table``, ``figures`` and ``claim``. A missing one is an error, so that no
    construct is lost in one of the two renderings.
    """

    def __init__(self, report: Report, template: Template) -> None:
        self.report = report
        self._tree = SyntaxTreeNode(PARSER.parse(report.markdown))
        self.headings = [_heading(node) for node in self._tree.children if node.type == "heading"]
        self.labels = _labels(self._tree, report)  # of figures and tables in running text, by anchor
        self._macros = template.make_module({"r": self})
        anchors = [heading.anchor for heading in self.headings]
        if len(set(anchors)) != len(anchors):
            raise ValueError(f"two headings have one anchor: {sorted(anchors)}")

    def body(self) -> str:
        """The whole document."""
        return self._inside(self._tree) + self._macro("end")

    def inline(self, text: str) -> str:
        """One line of Markdown of our own, such as a caption or a claim's sentence."""
        return self._inside(SyntaxTreeNode(PARSER.parseInline(re.sub(r"[ \t\n]+", " ", text.strip()))))

    def label(self, anchor: str) -> str:
        """What an anchor is called in running text."""
        return self.labels.get(anchor, "the figure that is not in this build")

    def reason(self, figure: str) -> str:
        """Why a figure that the prose names is not there, in plain text."""
        return self.report.omitted.get(figure, "it was not drawn")

    def _inside(self, node: SyntaxTreeNode) -> str:
        return Markup("").join(self._write(child) for child in node.children)

    def _write(self, node: SyntaxTreeNode) -> str:
        if node.type == "fence":
            return self._fence(node)
        if node.type == "heading":
            return self._macro("heading", _heading(node))
        return self._macro(node.type, node, self._inside(node))

    def _fence(self, node: SyntaxTreeNode) -> str:
        name, arguments = _directive(node)
        if name == "table":
            rows = self.report.tables[arguments[0]]
            return self._macro("data_table", arguments[0], rows, node.content) if rows else Markup("")
        if name == "claims":
            asked = [c for c in self.report.claims if ("ours" if c["ours"] else c["question"]) in arguments]
            return Markup("").join(self._macro("claim", claim) for claim in asked)
        figures = self.report.figures
        found = [figures[each] for each in arguments if each in figures]
        return self._macro("figures", found, [each for each in arguments if each not in figures])

    def _macro(self, name: str, *arguments: Any) -> str:
        written: str = getattr(self._macros, name)(*arguments)
        return written


def environment(folder: Path, **settings: Any) -> Environment:
    """Jinja for the templates of ours in `folder`: an unknown name is an error.

    What a template inserts goes through `finalize` if that is set, and then through HTML's escapes unless it
    is `Markup`.
    """
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **settings,
    )
