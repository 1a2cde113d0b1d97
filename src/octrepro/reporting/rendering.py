"""The walk over the parsed report: every node is written by the macro of its name in a template."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from octrepro.reporting.content import Report
from octrepro.reporting.markdown import directive, heading_of, headings, labels, parser


class Renderer:
    """Writes a report with the macros of one template, which see this object as ``r``.

    The template has a macro for every node type of the dialect, called with the node and what is in it, and
    ``heading``, ``end``, ``data_table``, ``figures`` and ``claim``. A missing one is an error, so that no
    construct is lost in one of the two renderings.
    """

    def __init__(self, report: Report, template: Template) -> None:
        self.report = report
        self._tree = SyntaxTreeNode(parser().parse(report.markdown))
        self.headings = headings(self._tree)  # in order
        self.labels = labels(self._tree, report)  # of figures and tables in running text, by anchor
        self._macros = template.make_module({"r": self})

    def body(self) -> str:
        """The whole document."""
        return self._inside(self._tree) + self._macro("end")

    def inline(self, text: str) -> str:
        """One line of Markdown of our own, such as a caption or a claim's sentence."""
        return self._inside(SyntaxTreeNode(parser().parseInline(re.sub(r"[ \t\n]+", " ", text.strip()))))

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
            return self._directive(node)
        if node.type == "heading":
            return self._macro("heading", heading_of(node))
        return self._macro(node.type, node, self._inside(node))

    def _directive(self, node: SyntaxTreeNode) -> str:
        name, arguments = directive(node)
        if name == "table":
            rows = self.report.tables[arguments[0]]
            return self._macro("data_table", arguments[0], rows, node.content) if rows else Markup("")
        if name == "claims":
            chosen = [
                claim
                for claim in self.report.claims
                if ("ours" if claim["ours"] else claim["question"]) in arguments
            ]
            return Markup("").join(self._macro("claim", claim) for claim in chosen)
        found = [self.report.figures[each] for each in arguments if each in self.report.figures]
        missing = [each for each in arguments if each not in self.report.figures]
        return self._macro("figures", found, missing)

    def _macro(self, name: str, *arguments: Any) -> str:
        macro = getattr(self._macros, name, None)
        if macro is None:
            raise ValueError(f"no rendering of Markdown's {name}")
        written: str = macro(*arguments)
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
