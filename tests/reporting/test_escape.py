"""Data inserted anywhere reads as itself, and is never markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.tree import SyntaxTreeNode

from octrepro.reporting import escape
from octrepro.reporting.markdown import parser
from tests.reporting.hostile import STRINGS


def _text_of(markdown: str) -> tuple[str, set[str]]:
    tree = SyntaxTreeNode(parser().parse(markdown))
    types = {node.type for node in tree.walk() if node.type != "root"}
    return "".join(node.content for node in tree.walk() if node.type == "text"), types


@given(st.text(max_size=60))
def test_escaped_markdown_reads_as_the_text_itself(text: str) -> None:
    read, types = _text_of(f"before {escape.markdown(text)} after")
    assert read.split() == f"before {escape.visible(text)} after".split()
    assert types <= {"paragraph", "inline", "text"}


@pytest.mark.parametrize("text", STRINGS)
def test_escapes_markdown_at_line_starts(text: str) -> None:
    read, types = _text_of(f"{escape.markdown(text)}\n")
    assert read == escape.visible(text)
    assert types == {"paragraph", "inline", "text"}


@pytest.mark.parametrize("text", STRINGS)
def test_escaped_text_cannot_open_or_close_our_own_mathematics(text: str) -> None:
    _, types = _text_of(f"rate $\\eta$ of {escape.markdown(text)} and $x$ again")
    tree = SyntaxTreeNode(parser().parse(f"rate $\\eta$ of {escape.markdown(text)} and $x$ again"))
    assert [node.content for node in tree.walk() if node.type == "math_inline"] == [r"\eta", "x"]
    assert types == {"paragraph", "inline", "text", "math_inline"}


def test_visible_is_one_line_without_control_characters() -> None:
    assert escape.visible(" a\n\tb\u0000\u202ec ") == "a bc"


@given(st.text(max_size=60))
def test_latex_has_only_characters_that_pdflatex_sets(text: str) -> None:
    written = escape.latex(text)
    assert set(written) <= {chr(code) for code in range(32, 127)} | escape._LATEX_LETTERS


@pytest.mark.parametrize("function", [escape.latex, escape.latex_code])
@pytest.mark.parametrize("text", STRINGS)
def test_latex_commands_of_the_data_are_not_commands(function, text: str) -> None:  # type: ignore[no-untyped-def]
    written = function(text)
    commands = set(re.findall(r"\\([A-Za-z]+)", written))
    ours = {
        "textbackslash", "textasciicircum", "textasciitilde", "textless", "textgreater", "textbar",
        "textquotedbl", "textasciigrave", "allowbreak", "ensuremath", "textonehalf", "latinized",
    }  # fmt: skip
    assert commands <= ours
    assert not re.search(r"(?<!\\)[$&#%_^~]", written)


def test_latex_keeps_accents_and_signs() -> None:
    assert escape.latex("Żółć") == "Żółć"
    assert escape.latex("η ≤ ½") == r"\ensuremath{\eta} \ensuremath{\leq} \textonehalf{}"
    assert escape.latex("ﬁ") == "fi"


@pytest.mark.parametrize(
    ("text", "letters"),
    [("李明", "LiMing"), ("שלום", "slvm"), ("😀", ":grinning:"), ("Ж", "Zh"), ("𒀀", "?")],
)
def test_other_scripts_are_transliterated_never_shown_as_code_points(text: str, letters: str) -> None:
    assert escape.latex(f"Dr. {text}") == f"Dr. \\latinized{{{letters}}}"
    assert "U+" not in escape.latex_code(text)


def test_latex_never_merges_signs_into_others() -> None:
    assert escape.latex("a--b ''") == "a-{}-b '{}'"


@pytest.mark.parametrize("function", [escape.latex, escape.latex_code])
def test_long_words_may_break(function) -> None:  # type: ignore[no-untyped-def]
    assert function("x" * 300).count(r"\allowbreak{}") >= 29


def test_slugs_are_plain() -> None:
    assert escape.slug("Question 3: a Boolean función!") == "question-3-a-boolean-funcion"
