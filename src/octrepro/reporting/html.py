"""The report as one HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from xml.etree import ElementTree

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from latex2mathml.converter import convert
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from octrepro.plotting import css_variables
from octrepro.reporting.content import VERDICTS, Cell, Claim, Column, Figure, Report, Table
from octrepro.reporting.escape import html as escape
from octrepro.reporting.markdown import Document, Heading, Renderer, heading_of, parse
from octrepro.reporting.svg import inline_svg

# A table with this many columns may use the margin where there is one.
BROAD_TABLE = 7
_FORMULA_END = re.compile(r"(<math [^>]*>(?:(?!</math>).)*</math>)([.,;:!?)”’]+)", re.DOTALL)
VERDICT_MARKS = {"holds": "✓", "fails": "✕", "inconclusive": "?"}


def page(report: Report, folder: Path = Path("report")) -> str:
    """The whole page, from the template, style sheet and script in `folder`.

    The page's content security policy lets no request out and no script in but the one whose hash it names.
    """
    document = parse(report)
    renderer = HtmlRenderer(report, document, folder)
    script = (folder / "templates" / "page.js").read_text(encoding="utf-8")
    return (
        _templates(folder)
        .get_template("page.html.j2")
        .render(
            report=report,
            contents=_contents(document.headings),
            verdicts=list(VERDICTS),
            plurals=VERDICTS,
            marks=VERDICT_MARKS,
            light=css_variables("light"),
            dark=css_variables("dark"),
            style=(folder / "style.css").read_text(encoding="utf-8"),
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            body=renderer.body(),
        )
    )


def _opens(element: ElementTree.Element) -> bool:
    """Whether what follows an element is a new term: after a relation, comma or opening bracket."""
    return element.tag.endswith("mo") and (element.text or "") not in (")", "]", "}", "|", "!", "⊤", "′")


def _templates(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _contents(headings: tuple[Heading, ...]) -> list[tuple[Heading, list[Heading]]]:
    """Parts with the sections below them, for the table of contents."""
    contents: list[tuple[Heading, list[Heading]]] = []
    for heading in headings:
        if heading.level == 1:
            contents.append((heading, []))
        elif heading.level == 2 and contents:
            contents[-1][1].append(heading)
    return contents


def mathml(latex: str, *, display: bool) -> str:
    """MathML of `latex`, which it also carries as its alternative text and annotation-like attribute.

    Raises
    ------
    ValueError
        When the converter passes a command through that it does not know.
    """
    markup = convert(latex.strip(), display="block" if display else "inline")
    if "\\" in markup:
        raise ValueError(f"no MathML for {latex!r}")
    root = ElementTree.fromstring(markup)  # noqa: S314 - made from our own prose
    _set_spaces(root)
    root.set("alttext", latex.strip())
    ElementTree.register_namespace("", "http://www.w3.org/1998/Math/MathML")
    return ElementTree.tostring(root, encoding="unicode")


def _set_spaces(parent: ElementTree.Element) -> None:
    """Space signs and functions as LaTeX does: no space after a sign, a thin one between log and a letter.

    The converter writes functions as operators, which browsers surround with space, and does not say whether
    a minus is a sign or a difference.
    """
    for position, child in reversed(list(enumerate(parent))):
        _set_spaces(child)
        before = parent[position - 1] if position else None
        if child.text in ("−", "+") and (before is None or _opens(before)):
            child.set("form", "prefix")  # a sign, not a sum
        if child.text == "/":
            child.attrib.update(lspace="0", rspace="0")
        name = child if len(child) == 0 else child[0]  # the base, when it carries a subscript
        if not re.fullmatch(r"(?!mod$)[a-zA-Z\s]{2,}", name.text or "") or name.tag.endswith("mtext"):
            continue
        name.tag = name.tag[: name.tag.rindex("}") + 1] + "mi"
        follows = parent[position + 1] if position + 1 < len(parent) else None
        if (
            follows is not None
            and not follows.tag.endswith("mo")
            and parent.tag.endswith(("mrow", "math", "mtd"))
        ):
            parent.insert(position + 1, ElementTree.Element(name.tag[:-2] + "mspace", {"width": "0.167em"}))


class HtmlRenderer(Renderer):
    """Writes each node as HTML; headings open sections, so that the outline is in the markup too."""

    def __init__(self, report: Report, document: Document, folder: Path = Path("report")) -> None:
        super().__init__(report, document)
        self._templates = _templates(folder)
        self._open: list[int] = []

    def body(self) -> str:
        return super().body() + self._close_sections(0)

    # Blocks

    def on_heading(self, node: SyntaxTreeNode) -> str:
        heading = heading_of(node)
        closed = self._close_sections(heading.level)
        self._open.append(heading.level)
        tag = f"h{heading.level + 1}"
        number = f'<span class="question">{escape(heading.number)}</span> ' if heading.number else ""
        title = f"{number}{escape(heading.title)}"
        return (
            f'{closed}<section class="level-{heading.level}" aria-labelledby="{heading.anchor}">\n'
            f'<{tag} id="{heading.anchor}">{title}</{tag}>\n'
        )

    def _close_sections(self, level: int) -> str:
        closed = ""
        while self._open and self._open[-1] >= level:
            self._open.pop()
            closed += "</section>\n"
        return closed

    def on_paragraph(self, node: SyntaxTreeNode) -> str:
        if node.hidden:  # inside a tight list
            return self.blocks(node)
        return f"<p>{self.blocks(node)}</p>\n"

    def on_bullet_list(self, node: SyntaxTreeNode) -> str:
        return f"<ul>\n{self.blocks(node)}</ul>\n"

    def on_ordered_list(self, node: SyntaxTreeNode) -> str:
        return f"<ol>\n{self.blocks(node)}</ol>\n"

    def on_list_item(self, node: SyntaxTreeNode) -> str:
        return f"<li>{self.blocks(node)}</li>\n"

    def on_blockquote(self, node: SyntaxTreeNode) -> str:
        return f'<aside class="note">\n{self.blocks(node)}</aside>\n'

    def on_hr(self, node: SyntaxTreeNode) -> str:
        return "<hr>\n"

    def on_math_block(self, node: SyntaxTreeNode) -> str:
        return f'<div class="math-block" tabindex="0">{mathml(node.content, display=True)}</div>\n'

    def on_table(self, node: SyntaxTreeNode) -> str:
        region = '<div class="scroll" role="region" aria-label="Table" tabindex="0">'
        return f"{region}<table>{self.blocks(node)}</table></div>\n"

    def on_thead(self, node: SyntaxTreeNode) -> str:
        return f"<thead>{self.blocks(node)}</thead>"

    def on_tbody(self, node: SyntaxTreeNode) -> str:
        return f"<tbody>{self.blocks(node)}</tbody>"

    def on_tr(self, node: SyntaxTreeNode) -> str:
        return f"<tr>{self.blocks(node)}</tr>"

    def on_th(self, node: SyntaxTreeNode) -> str:
        return f'<th scope="col">{self.blocks(node)}</th>'

    def on_td(self, node: SyntaxTreeNode) -> str:
        return f"<td>{self.blocks(node)}</td>"

    # Words

    def on_text(self, node: SyntaxTreeNode) -> str:
        return escape(node.content)

    def on_softbreak(self, node: SyntaxTreeNode) -> str:
        return "\n"

    def on_hardbreak(self, node: SyntaxTreeNode) -> str:
        return "<br>\n"

    def on_em(self, node: SyntaxTreeNode) -> str:
        return f"<em>{self.blocks(node)}</em>"

    def on_strong(self, node: SyntaxTreeNode) -> str:
        return f"<strong>{self.blocks(node)}</strong>"

    def on_code_inline(self, node: SyntaxTreeNode) -> str:
        return f"<code>{escape(node.content)}</code>"

    def on_math_inline(self, node: SyntaxTreeNode) -> str:
        return mathml(node.content, display=False)

    def on_inline(self, node: SyntaxTreeNode) -> str:
        # Browsers would let the punctuation after a formula onto the next line.
        return _FORMULA_END.sub(r'<span class="together">\1\2</span>', self.blocks(node))

    def on_link(self, node: SyntaxTreeNode) -> str:
        target = str(node.attrs["href"])
        if target.startswith("#"):
            text = self.blocks(node)
            if not text and target[1:] not in self.document.labels:
                return self.label(target[1:])
            return f'<a href="{escape(target)}">{text or self.label(target[1:])}</a>'
        return f'<a href="{escape(target)}" rel="noreferrer">{self.blocks(node)}</a>'

    # Directives

    def figures(self, figures: list[Figure]) -> str:
        written = "".join(self._figure(figure) for figure in figures)
        return written if len(figures) == 1 else f'<div class="side-by-side">\n{written}</div>\n'

    def _figure(self, figure: Figure) -> str:
        anchor = f"figure-{figure.id}"
        return self._templates.get_template("figure.html.j2").render(
            figure=figure,
            anchor=anchor,
            label=self.label(anchor),
            picture=Markup(inline_svg(figure.svg, figure.alt)),  # noqa: S704 - holds only what draws
            csv=base64.b64encode(figure.csv.encode()).decode(),
        )

    def absent_figure(self, figure: str) -> str:
        return (
            f'<p class="absent">Figure <code>{escape(figure)}</code> is not in this build: '
            f"{escape(self.reason(figure))}.</p>\n"
        )

    def claims(self, claims: list[Claim]) -> str:
        return "".join(self._claim(claim) for claim in claims)

    def _claim(self, claim: Claim) -> str:
        return self._templates.get_template("claim.html.j2").render(
            claim=claim,
            badge=self._badge(claim.verdict),
            statement=self._inline(claim.statement),
            sentence=self._inline(claim.sentence),
            reference=self._inline(claim.reference),
        )

    def table(self, table: Table) -> str:
        anchor = f"table-{table.id}"
        rows = [
            [
                (column, cell, self._cell(column, cell))
                for column, cell in zip(table.columns, row, strict=True)
            ]
            for row in table.rows
        ]
        return self._templates.get_template("table.html.j2").render(
            table=table,
            anchor=anchor,
            label=self.label(anchor),
            caption=self._inline(table.caption),
            broad=len(table.columns) >= BROAD_TABLE,
            rows=rows,
        )

    def _cell(self, column: Column, cell: Cell) -> Markup:
        if not cell.text:
            return Markup("")
        if column.kind == "prose":
            return self._inline(cell.text)
        if column.kind == "code":
            return Markup(f"<code>{escape(cell.text)}</code>")  # noqa: S704
        if column.kind == "verdict":
            return self._badge(cell.text)
        return Markup(escape(cell.text))  # noqa: S704

    def _inline(self, text: str) -> Markup:
        return Markup(self.inline_markdown(text))  # noqa: S704 - rendered by this class

    @staticmethod
    def _badge(verdict: str) -> Markup:
        """A verdict as a word with a mark, so that colour says nothing alone."""
        mark = f'<span aria-hidden="true">{VERDICT_MARKS[verdict]}</span>'
        return Markup(f'<span class="badge {verdict}">{mark} {verdict}</span>')  # noqa: S704
