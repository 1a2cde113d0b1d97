"""Both renderings of every construct, and the same content in both."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from octrepro.reporting import html, latex
from octrepro.reporting.compose import build_report
from octrepro.reporting.content import Cell, Claim, Column, Figure, Report, Table
from octrepro.reporting.inputs import Inputs
from octrepro.reporting.markdown import parse
from octrepro.reporting.mathml import mathml
from tests.reporting.conftest import make_figure, make_inputs
from tests.reporting.hostile import STRINGS

CONSTRUCTS = {
    "# Part": ("<h2", r"\section{Part}"),
    "## 1.1a · Title": ('<span class="question">1.1a</span> Title', r"\subsection{\question{1.1a}Title}"),
    "### Detail": ("<h4", r"\subsubsection{Detail}"),
    "plain text": ("<p>plain text</p>", "plain text"),
    "*soft* **loud**": ("<em>soft</em> <strong>loud</strong>", r"\emph{soft} \textbf{loud}"),
    "`a_b`": ("<code>a_b</code>", r"\texttt{a\_\allowbreak{}b}"),
    "- one\n- two": ("<li>one</li>", r"\item{} one"),
    "1. one": ("<ol>", r"\begin{enumerate}"),
    "> mind": ('<div class="note" role="note">', r"\begin{note}"),
    "one\\\ntwo": ("<br>", r"\\{}"),
    "$x^2$": ("<msup><mi>x</mi><mn>2</mn></msup>", "$x^2$"),
    "$$\nx_1\n$$": ('display="block"', "\\[\nx_1\n\\]"),
    "[out](https://example.org/a_b?c=1&d=%20)": (
        'href="https://example.org/a_b?c=1&amp;d=%20"',
        r"\href{https://example.org/a\_b?c=1\&d=\%20}{out}",
    ),
    "[](#figure-mlp_loss)": (
        '<a href="#figure-mlp_loss">Figure 5</a>',
        r"\hyperref[figure-mlp_loss]{Figure~5}",
    ),
    "[](#figure-none)": ("the figure that is not in this build", "the figure that is not in this build"),
    "```figure mlp_loss\n```": ('<figure class="figure" id="figure-mlp_loss">', r"\includegraphics["),
    "```figures mlp_loss extra\n```": ('<div class="side-by-side">', r"\begin{minipage}[t]{0.485\linewidth}"),
    "```figure none\n```": ("is not in this build", "is not in this build"),
    "```table small\n```": ("Table 1.</span> A <em>caption</em>", r"\caption{A \emph{caption}}"),
    "```claims 1.1b\n```": ('<article class="claim fails"', r"\begin{claim}{fails}"),
}


def _report(markdown: str) -> Report:
    table = Table(
        "small",
        "A *caption*",
        (
            Column("Run", "code"),
            Column("Rate", "number"),
            Column("Said", "prose", wide=True),
            Column("V", "verdict"),
        ),
        ((Cell("a_b"), Cell("0.1234", 0.1234, "0.1–0.2"), Cell("$p < 1$"), Cell("holds")),),
    )
    claim = Claim("c", "1.1b", "It *rises*.", "fails", "It fell by 5 %.", "It rises.", "3 images", "exact")
    figures = [make_figure("mlp_loss", 5), make_figure("extra", None)]
    return Report(
        title="T",
        subtitle="S",
        authors=(),
        dataset="d",
        banner="",
        markdown=f"```figure mlp_loss\n```\n\n{markdown}" if markdown.startswith("[](") else markdown,
        figures={figure.id: figure for figure in figures},
        tables={"small": table},
        claims=(claim,),
    )


@pytest.mark.parametrize("markdown", CONSTRUCTS)
def test_every_construct_is_written_in_both(markdown: str) -> None:
    report = _report(markdown)
    in_html, in_latex = CONSTRUCTS[markdown]
    assert in_html in html.body(report, parse(report))
    assert in_latex in latex.body(report, parse(report))


@pytest.mark.parametrize(
    ("markdown", "message"),
    [
        ("```table none\n```", "table none"),
        ("```python\nx\n```", "unknown directive"),
        ("```figure mlp_loss\n```\n\n```figure mlp_loss\n```", "twice"),
        ("```table results\nIts caption.```\n\n```figure mlp_loss\n```", "does not close"),
        ("# A\n\n# A", "one anchor"),
    ],
)
def test_mistakes_in_the_prose_are_told(markdown: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(_report(markdown))


def test_figures_beyond_the_source_report_are_numbered_apart() -> None:
    labels = parse(_report("```figure extra\n```\n\n```figure mlp_loss\n```")).labels
    assert labels == {"figure-extra": "Figure S1", "figure-mlp_loss": "Figure 5"}


def test_mathml_carries_its_latex_and_no_unknown_command() -> None:
    assert 'alttext="\\eta &lt; 1"' in mathml(r"\eta < 1", display=False)
    with pytest.raises(ValueError, match="no MathML"):
        mathml(r"\unknowncommand x", display=False)


def test_functions_and_signs_are_spaced_as_in_latex() -> None:
    assert "<mi>max</mi><mo" in mathml(r"\max(0, z)", display=False)
    assert '<mi>log</mi><mspace width="0.167em" /><mi>p</mi>' in mathml(r"\log p", display=False)
    assert '<mo form="prefix">−</mo>' in mathml("f = -1", display=False)
    assert "<mo>−</mo>" in mathml("(a) - 1", display=False)


def test_a_formula_keeps_the_punctuation_after_it() -> None:
    report = _report("so $x$, and ($y$).")
    body = html.body(report, parse(report))
    assert body.count('<span class="together"><math') == 2
    assert "</math>,</span>" in body
    assert "</math>).</span>" in body


class _Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_both_renderings_hold_the_same_numbers(inputs: Inputs) -> None:
    report = build_report(inputs)
    page, document = html.page(report), latex.document(report)
    text = _Page(page).text
    bare = re.sub(r"\\allowbreak\{\}|\{\}", "", document)
    for table in report.tables.values():
        for row in table.rows:
            for column, cell in zip(table.columns, row, strict=True):
                if column.kind == "number" and cell.text.isascii():
                    assert cell.text in text
                    assert cell.text in bare
    for claim in report.claims:
        assert f"has {claim.id.removeprefix('claim_')} of 529 images right" in text
        assert f"has {claim.id.removeprefix('claim_')} of 529 images right" in bare
    for figure in report.figures.values():
        assert f'id="figure-{figure.id}"' in page
        assert f"{{{figure.path}}}" in document


def test_the_page_is_one_file_that_asks_for_nothing(inputs: Inputs) -> None:
    page = _Page(html.page(build_report(inputs)))
    for tag, attributes in page.tags:
        assert tag not in ("iframe", "object", "embed", "base", "form", "audio", "video")
        assert "src" not in attributes or attributes["src"].startswith("data:")
        if tag == "link":
            assert attributes["href"] == "data:,"
        assert not any(name.startswith("on") for name in attributes)
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in policy.partition("script-src")[2]


def test_the_page_has_landmarks_and_described_figures(inputs: Inputs) -> None:
    page = _Page(html.page(build_report(inputs)))
    names = [tag for tag, _ in page.tags]
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert names.count(landmark) == 1
    pictures = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(pictures) == len(inputs.figures)
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    anchors = {
        attributes["href"][1:] for tag, attributes in page.tags if tag == "a" and attributes["href"][0] == "#"
    }
    assert anchors <= set(identifiers)


@pytest.mark.parametrize("synthetic", [True, False])
def test_a_synthetic_data_set_is_named_everywhere(synthetic: bool) -> None:
    inputs = make_inputs(synthetic=synthetic)
    report = build_report(inputs)
    page, document = html.page(report), latex.document(report)
    assert ('<div class="bar synthetic"' in page) is synthetic
    assert (r"\fancyhead[L]{\small\textcolor{notice}" in document) is synthetic
    assert page.count('<span class="synthetic">Synthetic data.</span>') == len(inputs.figures)
    assert document.count(r"\synthetic{}}") == len(inputs.figures)


@pytest.fixture(scope="module")
def tame_tags() -> set[str]:
    """The tags of a page without hostile data."""
    return {tag for tag, _ in _Page(html.page(build_report(make_inputs()))).tags}


@pytest.mark.parametrize("text", STRINGS)
def test_hostile_data_stay_text(tame_tags: set[str], text: str) -> None:
    inputs = make_inputs(title=text, classes=[text] * 4, license=text, citation=text, note=text, url=text)
    report_words = inputs.params.report.model_copy(update={"title": text, "authors": [text]})
    inputs = Inputs(**{**vars(inputs), "params": inputs.params.model_copy(update={"report": report_words})})
    for construction in inputs.verification["constructions"]:
        construction["title"] = text
    report = build_report(inputs)
    page = _Page(html.page(report))
    assert {tag for tag, _ in page.tags} <= tame_tags | {"br", "wbr", "tr", "td", "th"}
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "".join(report.title.split()) in "".join(page.text.split())
    document = latex.document(report)
    for command in (r"\input{", r"\write18", r"\csname", r"\end{document} "):
        assert command not in document
    assert "^^5c" not in document


def test_pdf_notes_transliteration() -> None:
    inputs = make_inputs(classes=["眼底", "diabetic macular edema", "drusen", "normal"])
    report, plain = build_report(inputs), build_report(make_inputs())
    assert "眼底" in html.page(report)
    document = latex.document(report)
    assert r"\latinized{YanDi}" in document
    note = "Names in other scripts are set in Latin letters here"
    assert note in document
    assert note not in latex.document(plain)


def test_figure_data_are_offered_as_csv() -> None:
    figure: Figure = make_figure("mlp_loss", 5)
    report = _report("```figure mlp_loss\n```")
    body = html.body(report, parse(report))
    assert 'download="mlp_loss.csv" href="data:text/csv;charset=utf-8,epoch,val_accuracy%0A1,0.25%0A' in body
    for told in (figure.stage, figure.command, *figure.data):
        assert told in body
