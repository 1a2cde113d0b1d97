"""Data inserted anywhere reads as itself, and is never markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it.tree import SyntaxTreeNode

from octrepro.reporting import escape
from octrepro.reporting.markdown import parser
from tests.reporting.hostile import STRINGS

COMMANDS = re.compile(
    r"\\(text(backslash|asciicircum|asciitilde|less|greater|bar|quotedbl|asciigrave)|allowbreak|ensuremath|latinized)"
)


def any_text(function):  # type: ignore[no-untyped-def]
    """Run a test with hostile strings and with whatever else is text."""
    for text in STRINGS:
        function = example(text=text)(function)
    return given(text=st.text(max_size=60))(function)


@any_text
def test_escaped_markdown_reads_as_the_text_itself(text: str) -> None:
    # Between our own mathematics, which it cannot open or close, and at the start of a line.
    tree = SyntaxTreeNode(parser().parse(f"{escape.markdown(text)}\n$x$ of {escape.markdown(text)} and $y$"))
    read = "".join(node.content for node in tree.walk() if node.type == "text")
    seen = escape.visible(text)
    assert read.split() == f"{seen} of {seen} and ".split()
    assert [node.content for node in tree.walk() if node.type == "math_inline"] == ["x", "y"]
    types = {node.type for node in tree.walk()}
    assert types <= {"root", "paragraph", "inline", "text", "softbreak", "math_inline"}


def test_visible_is_one_line_without_control_characters() -> None:
    assert escape.visible(" a\n\tb\u0000\u202ec ") == "a bc"


@any_text
def test_latex_has_only_characters_that_pdflatex_sets(text: str) -> None:
    for written in (escape.latex(text), escape.latex_code(text)):
        assert set(written) <= {chr(code) for code in range(32, 127)} | set(escape.LETTERS)


@pytest.mark.parametrize("function", [escape.latex, escape.latex_code])
@pytest.mark.parametrize("text", STRINGS)
def test_latex_commands_of_the_data_are_not_commands(function, text: str) -> None:  # type: ignore[no-untyped-def]
    written = function(text)
    assert "\\" not in re.sub(r"\\[{}$&#%_]", "", COMMANDS.sub("", written)).replace(r"\textonehalf", "")
    assert not re.search(r"(?<!\\)[$&#%_^~]", written)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Żółć", "Żółć"),
        ("η ≤ ½", r"\ensuremath{\eta} \ensuremath{\leq} \textonehalf{}"),
        ("ﬁ", "fi"),
        ("a--b ''", "a-{}-b '{}'"),
        ("Dr. 李明", r"Dr. \latinized{LiMing}"),
        ("שלום", r"\latinized{slvm}"),
        ("😀", r"\latinized{:grinning:}"),
        ("Ж", r"\latinized{Zh}"),
        ("𒀀", r"\latinized{?}"),
    ],
)
def test_latex_keeps_what_it_can_and_transliterates_the_rest(text: str, written: str) -> None:
    assert escape.latex(text) == written


@pytest.mark.parametrize("function", [escape.latex, escape.latex_code])
def test_long_words_may_break(function) -> None:  # type: ignore[no-untyped-def]
    assert function("x" * 300).count(r"\allowbreak{}") >= 29


def test_slugs_are_plain() -> None:
    assert escape.slug("Question 3: a Boolean función!") == "question-3-a-boolean-funcion"
