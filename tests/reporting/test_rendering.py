"""Both renderings of every construct, and the same content in both."""

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest
from math_core import LatexError

from octrepro.reporting import html, latex
from octrepro.reporting.compose import build_report
from octrepro.reporting.content import Cell, Report
from tests.reporting.conftest import HOSTILE, hostile_inputs, make_figure, make_inputs

CONSTRUCTS = {
    "## 1.1a · Title": ('<span class="question">1.1a</span> Title', r"\subsection{\question{1.1a}Title}"),
    "*soft* **loud**": ("<em>soft</em> <strong>loud</strong>", r"\emph{soft} \textbf{loud}"),
    "`a_b`": ("<code>a_b</code>", r"\texttt{a\_\allowbreak{}b}"),
    "- one\n- two": ("<li>one</li>", r"\item{} one"),
    "> mind": ('<div class="note" role="note">', r"\begin{note}"),
    r"$\log x < -1$": ('<math alttext="\\log x &lt; -1">', r"$\log x < -1$"),
    "$a - 1 = -1$": ('<mo>−</mo><mn>1</mn><mo>=</mo><mo lspace="0" rspace="0">−</mo>', "$a - 1 = -1$"),
    r"$\log x$": ('log</mi></mrow><mo lspace="0.1667em">&ApplyFunction;</mo><mi>x</mi>', r"$\log x$"),
    "$$\nx_1\n$$": ('display="block"', "\\[\nx_1\n\\]"),
    "[out](https://example.org/a_b?c=1&d=%20)": (
        'href="https://example.org/a_b?c=1&amp;d=%20"',
        r"\href{https://example.org/a\_b?c=1\&d=\%20}{out}",
    ),
    "[](#figure-mlp_loss)\n\n```figure mlp_loss\n```": (
        '<a href="#figure-mlp_loss">Figure 5</a>',
        r"\hyperref[figure-mlp_loss]{Figure~5}",
    ),
    "```figure mlp_loss\n```": (
        'download="mlp_loss.csv" href="data:text/csv;charset=utf-8,epoch,val_accuracy%0A1,0.25%0A',
        r"\includegraphics[max width=\linewidth]{figures/mlp_loss.pdf}",
    ),
    "```figure extra\n```": ("Figure S1.", r"\numberedas{S1}"),
    "```figures mlp_loss extra\n```": ('<div class="side-by-side">', r"\begin{minipage}[t]{0.485\linewidth}"),
    "```table small\nA *caption*\n```": ("Table 1.</span> A <em>caption</em>", r"\caption{A \emph{caption}}"),
    "```table small\n```": ("0.1234<small>0.1–0.2</small>", r"\stacked{0.1234}"),
    "```claims 1.1b\n```": ('<article class="claim', r"\begin{claim}{"),
}


@cache
def whole_report() -> Report:
    """The report of the build."""
    return build_report(make_inputs())


def report_of(markdown: str) -> Report:
    """A report whose body is `markdown` alone."""
    row = {
        "Run": Cell("a_b", "code", note="diverged"),
        "Rate": Cell("0.1234", "number", 0.1234, "0.1–0.2"),
        "Said": Cell("$p < 1$", "prose", wide=True),
        "V": Cell("holds", "verdict"),
    }
    figures = {name: make_figure(name) for name in ("mlp_loss", "extra")}
    tables = {"small": [row], "none": []}
    return replace(whole_report(), markdown=markdown, figures=figures, tables=tables)


@pytest.mark.parametrize("markdown", CONSTRUCTS)
def test_every_construct_is_written_in_both(markdown: str) -> None:
    report = report_of(markdown)
    in_html, in_latex = CONSTRUCTS[markdown]
    assert in_html in html.page(report)
    assert in_latex in latex.document(report)


def test_an_unknown_command_in_a_formula_is_an_error() -> None:
    with pytest.raises(LatexError, match="nonsense"):
        html.page(report_of(r"$\nonsense$"))


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[dict[str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append({name: value or "" for name, value in attrs})

    def handle_data(self, data: str) -> None:
        self.text += data


def test_both_renderings_hold_the_same_numbers() -> None:
    report = whole_report()
    page, document = html.page(report), latex.document(report)
    text = Page(page).text
    bare = re.sub(r"\\allowbreak\{\}|\{\}", "", document)
    cells = [cell for rows in report.tables.values() for row in rows for cell in row.values()]
    for cell in cells:
        if cell.kind == "number" and cell.text.isascii():
            assert cell.text in text
            assert cell.text in bare
    for claim in report.claims:
        assert f'id="claim-{claim["id"]}"' in page
        assert rf"\label{{claim-{claim['id']}}}" in document
    for figure in report.figures.values():
        assert f'id="figure-{figure["id"]}"' in page
        assert f"{{{figure['path']}}}" in document


def test_the_page_needs_nothing_but_itself() -> None:
    attributes = Page(html.page(whole_report())).attributes
    policy = next(each["content"] for each in attributes if "http-equiv" in each)
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in policy.partition("script-src")[2]
    identifiers = [each["id"] for each in attributes if "id" in each]
    assert len(identifiers) == len(set(identifiers))
    assert {each["href"][1:] for each in attributes if each.get("href", "")[:1] == "#"} <= set(identifiers)


@pytest.mark.parametrize("synthetic", [True, False])
def test_a_synthetic_data_set_is_named_everywhere(synthetic: bool) -> None:
    inputs = make_inputs(synthetic=synthetic)
    report = build_report(inputs)
    page, document = html.page(report), latex.document(report)
    assert ('<div class="bar synthetic"' in page) is synthetic
    assert (r"\fancyhead[L]{\small\textcolor{notice}" in document) is synthetic
    assert page.count('<span class="synthetic">Synthetic data.</span>') == len(inputs.figures)
    assert document.count(r"\synthetic{}}") == len(inputs.figures)


def test_hostile_data_stay_text() -> None:
    text = " ".join(HOSTILE)
    report = build_report(hostile_inputs(text, [text] * 4))
    page = Page(html.page(report))
    assert set(page.tags) <= set(Page(html.page(whole_report())).tags)
    assert page.tags.count("script") == 1
    assert not [name for each in page.attributes for name in each if name.startswith("on")]
    assert "".join(report.title.split()) in "".join(page.text.split())
    assert not set("\u202e\u0000\ufeff") & set(page.text)
    document = latex.document(report)
    for command in (r"\input{", r"\write18", r"\csname", r"\end{document} ", "^^5c"):
        assert command not in document


def test_the_pdf_notes_transliteration() -> None:
    report = build_report(make_inputs(classes=["眼底", "edema", "drusen", "normal"]))
    assert "眼底" in html.page(report)
    assert r"\latinized{YanDi}" in latex.document(report)
    noted = ["Latin letters here" in latex.document(each) for each in (report, whole_report())]
    assert noted == [True, False]
