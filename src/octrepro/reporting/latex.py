"""The report as LaTeX for pdfLaTeX, the same content as the page."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it.tree import SyntaxTreeNode

from octrepro.reporting.content import VERDICTS, Cell, Claim, Column, Figure, Report, Table
from octrepro.reporting.escape import TRANSLITERATED, latex_code
from octrepro.reporting.escape import latex as escape
from octrepro.reporting.markdown import Renderer, heading_of, parse

# A table with more rows than this may break over pages.
LONG_TABLE = 18
# A figure made from more files than this names their folders instead.
MANY_FILES = 4
# A table with this many columns is set smaller.
BROAD_TABLE = 7


def document(report: Report, folder: Path = Path("report")) -> str:
    """All of report.tex, from the template in `folder`."""
    parsed = parse(report)
    # LaTeX's own braces and percent signs make Jinja's usual delimiters unreadable in a template.
    environment = Environment(
        loader=FileSystemLoader(folder / "templates"),
        autoescape=False,  # noqa: S701 - HTML's escapes would be wrong here; the filter `tex` is LaTeX's
        undefined=StrictUndefined,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["tex"] = escape
    body = LatexRenderer(report, parsed).body()
    heads = " ".join([report.title, report.subtitle, *report.authors, *(fact.value for fact in report.facts)])
    return environment.get_template("report.tex.j2").render(
        report=report,
        verdicts=list(VERDICTS),
        plurals=VERDICTS,
        body=body,
        latinized=TRANSLITERATED in body + escape(heads),
    )


class LatexRenderer(Renderer):
    """Writes each node as LaTeX; mathematics passes through, everything else is escaped."""

    # Blocks

    def on_heading(self, node: SyntaxTreeNode) -> str:
        heading = heading_of(node)
        barrier = "\\FloatBarrier" if heading.level < 3 else ""  # figures stay in their section
        command = {1: "section", 2: "subsection", 3: "subsubsection"}[heading.level]
        number = rf"\question{{{escape(heading.number)}}}" if heading.number else ""
        return f"\n{barrier}\\{command}{{{number}{escape(heading.title)}}}\\label{{{heading.anchor}}}\n"

    def on_paragraph(self, node: SyntaxTreeNode) -> str:
        return self.blocks(node) if node.hidden else f"\n{self.blocks(node)}\n"

    def on_bullet_list(self, node: SyntaxTreeNode) -> str:
        return f"\n\\begin{{itemize}}\n{self.blocks(node)}\\end{{itemize}}\n"

    def on_ordered_list(self, node: SyntaxTreeNode) -> str:
        return f"\n\\begin{{enumerate}}\n{self.blocks(node)}\\end{{enumerate}}\n"

    def on_list_item(self, node: SyntaxTreeNode) -> str:
        # An empty group keeps a bracket at the start from being read as the item's label.
        return f"\\item{{}} {self.blocks(node).strip()}\n"

    def on_blockquote(self, node: SyntaxTreeNode) -> str:
        return f"\n\\begin{{note}}{self.blocks(node)}\\end{{note}}\n"

    def on_hr(self, node: SyntaxTreeNode) -> str:
        return "\n\\bigskip\n"

    def on_math_block(self, node: SyntaxTreeNode) -> str:
        return f"\\[\n{node.content.strip()}\n\\]\n"

    def on_table(self, node: SyntaxTreeNode) -> str:
        head, body = node.children[0].children[0], node.children[1]
        columns = "".join(r">{\raggedright\arraybackslash}X" for _ in head.children)
        lines = [self._line([self.blocks(cell) for cell in row.children]) for row in (head, *body.children)]
        return (
            f"\n\\begin{{center}}\\small\n\\begin{{tabularx}}{{\\linewidth}}{{{columns}}}\n\\toprule\n{lines[0]}"
            f"\\midrule\n{''.join(lines[1:])}\\bottomrule\n\\end{{tabularx}}\n\\end{{center}}\n"
        )

    # Words

    def on_text(self, node: SyntaxTreeNode) -> str:
        return escape(node.content)

    def on_softbreak(self, node: SyntaxTreeNode) -> str:
        return "\n"

    def on_hardbreak(self, node: SyntaxTreeNode) -> str:
        return "\\\\{}\n"

    def on_em(self, node: SyntaxTreeNode) -> str:
        return rf"\emph{{{self.blocks(node)}}}"

    def on_strong(self, node: SyntaxTreeNode) -> str:
        return rf"\textbf{{{self.blocks(node)}}}"

    def on_code_inline(self, node: SyntaxTreeNode) -> str:
        return rf"\texttt{{{latex_code(node.content)}}}"

    def on_math_inline(self, node: SyntaxTreeNode) -> str:
        return f"${node.content}$"

    def on_link(self, node: SyntaxTreeNode) -> str:
        target = str(node.attrs["href"])
        text = self.blocks(node)
        if not target.startswith("#"):
            return rf"\href{{{_url(target)}}}{{{text}}}"
        if not text and target[1:] not in self.document.labels:
            return escape(self.label(target[1:]))
        return rf"\hyperref[{target[1:]}]{{{text or escape(self.label(target[1:])).replace(' ', '~')}}}"

    # Directives

    def figures(self, figures: list[Figure]) -> str:
        # Several side by side share one float, so that they stay together and on one scale.
        share = {1: 1.0}.get(len(figures), 0.485)
        pieces = [self._figure(figure, share) for figure in figures]
        body = "\\hfill\n".join(pieces)
        return f"\n\\begin{{figure}}[htbp]\n\\centering\n{body}\\end{{figure}}\n"

    def _figure(self, figure: Figure, share: float) -> str:
        anchor = f"figure-{figure.id}"
        number = self.label(anchor).removeprefix("Figure ")
        synthetic = r" \synthetic{}" if figure.synthetic else ""
        files = ", ".join(rf"\texttt{{{latex_code(path)}}}" for path in _shortened(figure.data))
        return (
            f"\\begin{{minipage}}[t]{{{share}\\linewidth}}\\centering\n"
            f"\\includegraphics[max width=\\linewidth,max height=0.37\\textheight]{{{figure.path}}}\n"
            f"\\numberedas{{{number}}}\\caption[{escape(figure.title)}]{{\\textbf{{{escape(figure.title)}.}} "
            f"{escape(figure.caption)}{synthetic}}}\\label{{{anchor}}}\n"
            f"\\source{{{files}}}{{\\texttt{{{latex_code(figure.command)}}}}}\n\\end{{minipage}}\n"
        )

    def absent_figure(self, figure: str) -> str:
        name = rf"\texttt{{{latex_code(figure)}}}"
        return f"\n\\emph{{Figure {name} is not in this build: {escape(self.reason(figure))}.}}\n"

    def claims(self, claims: list[Claim]) -> str:
        return "".join(self._claim(claim) for claim in claims)

    def _claim(self, claim: Claim) -> str:
        details = [("Effect", claim.effect), ("Test", claim.test), *claim.evidence]
        told = [rf"\emph{{{escape(name)}:}} {escape(value)}" for name, value in details if value]
        evidence = "; ".join([rf"\emph{{Source report:}} {self.inline_markdown(claim.reference)}", *told])
        return (
            f"\n\\begin{{claim}}{{{claim.verdict}}}{{{self.inline_markdown(claim.statement)}}}\n"
            f"{self.inline_markdown(claim.sentence)}\n"
            f"\\phantomsection\\label{{claim-{claim.id}}}\\evidence{{{latex_code(claim.id)}}}{{{evidence}}}\n\\end{{claim}}\n"
        )

    def table(self, table: Table) -> str:
        anchor = f"table-{table.id}"
        number = rf"\numberedastable{{{self.label(anchor).removeprefix('Table ')}}}"
        caption = rf"\caption{{{self.inline_markdown(table.caption)}}}\label{{{anchor}}}"
        head = self._line([_head(column) for column in table.columns])
        rows = "".join(self._line(self._cells(table.columns, row)) for row in table.rows)
        columns = "".join(_column(column) for column in table.columns)
        wide = any(column.wide for column in table.columns)
        if wide and len(table.rows) > LONG_TABLE:
            return (
                f"\n{{{number}\\footnotesize\\begin{{xltabular}}{{\\linewidth}}{{@{{}}{columns}@{{}}}}\n{caption}\\\\\n"
                f"\\toprule\n{head}\\midrule\n\\endfirsthead\n\\toprule\n{head}\\midrule\n\\endhead\n\\bottomrule\n"
                f"\\endfoot\n{rows}\\end{{xltabular}}}}\n"
            )
        size = (
            r"\scriptsize\setlength{\tabcolsep}{3pt}"
            if len(table.columns) >= BROAD_TABLE
            else r"\footnotesize"
        )
        # Without a column that takes the space left, it goes between the columns.
        kind, gap = ("tabularx", "@{}") if wide else ("tabular*", r"@{\extracolsep{\fill}}")
        return (
            f"\n\\begin{{table}}[htbp]\n{number}{caption}\n{size}\n\\begin{{{kind}}}{{\\linewidth}}"
            f"{{{gap}{columns}@{{}}}}\n\\toprule\n{head}\\midrule\n{rows}\\bottomrule\n\\end{{{kind}}}\n\\end{{table}}\n"
        )

    def _cells(self, columns: tuple[Column, ...], row: tuple[Cell, ...]) -> list[str]:
        return [self._cell(column, cell) for column, cell in zip(columns, row, strict=True)]

    def _cell(self, column: Column, cell: Cell) -> str:
        if column.kind == "prose":
            text = self.inline_markdown(cell.text)
        elif column.kind == "code":
            text = rf"\texttt{{{latex_code(cell.text)}}}"
        elif column.kind == "verdict":
            text = rf"\verdict{{{cell.text}}}" if cell.text else ""
        else:
            text = escape(cell.text)
        note = rf"{{\scriptsize\color{{muted}}{escape(cell.note)}}}" if cell.note else ""
        if note and column.kind == "number":
            return rf"\stacked{{{text}}}{{{note}}}"
        return f"{text}{' ' if note else ''}{note}"

    @staticmethod
    def _line(cells: list[str]) -> str:
        # The group keeps a bracket or star in the first cell from being read as an option of the line break.
        return f"{{}}{' & '.join(cells)} \\\\\n"


def _shortened(files: tuple[str, ...]) -> list[str]:
    """A few paths as they are; many as a count for each folder of the first two levels."""
    if len(files) <= MANY_FILES:
        return list(files)
    folders = Counter("/".join(path.split("/")[:2]) for path in files)
    return [f"{folder}/ ({count} files)" for folder, count in folders.items()]


def _head(column: Column) -> str:
    """A column's title; over numbers with one word to a line, so that it is no wider than they are."""
    words = [escape(word) for word in column.title.split()]
    if column.kind == "number" and not column.wide and len(words) > 1:
        lines = r" \\ ".join(rf"\textbf{{{word}}}" for word in words)
        return rf"\begin{{tabular}}[b]{{@{{}}r@{{}}}}{lines}\end{{tabular}}"
    return rf"\textbf{{{' '.join(words)}}}"


def _column(column: Column) -> str:
    if column.wide:
        return r">{\raggedright\arraybackslash}X"
    return "r" if column.kind == "number" else "l"


def _url(target: str) -> str:
    r"""A URL for ``\href``: everything that LaTeX could read is percent-encoded or escaped."""
    encoded = re.sub(
        r"[^A-Za-z0-9/:?=&.,;+_~#%-]",
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()),
        target,
    )
    return re.sub(r"([%#&_~])", r"\\\1", encoded)
