"""Data inserted anywhere reads as itself, and is never markup."""

import re
from collections.abc import Callable
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it.tree import SyntaxTreeNode

from octrepro.plotting.text import plain
from octrepro.reporting import latex
from octrepro.reporting.compose import escaped
from octrepro.reporting.rendering import PARSER
from tests.reporting.conftest import HOSTILE

COMMANDS = re.compile(
    r"\\(text(backslash|asciicircum|asciitilde|less|greater|bar|quotedbl|asciigrave)"
    r"|allowbreak|ensuremath|latinized)|\\[{}$&#%_]"
)


def any_text(function: Callable[..., None]) -> Any:
    """Run a test with hostile strings and with whatever else is text."""
    for text in HOSTILE:
        function = example(text=text)(function)
    return given(text=st.text(max_size=60))(function)


@any_text
def test_escaped_markdown_reads_as_the_text_itself(text: str) -> None:
    # Between our own mathematics, which it cannot open or close, and at the start of a line.
    tree = SyntaxTreeNode(PARSER.parse(f"{escaped(text)}\n$x$ of {escaped(text)} and $y$"))
    read = "".join(node.content for node in tree.walk() if node.type == "text")
    assert read.split() == f"{plain(text)} of {plain(text)} and ".split()
    assert [node.content for node in tree.walk() if node.type == "math_inline"] == ["x", "y"]
    types = {node.type for node in tree.walk()}
    assert types <= {"root", "paragraph", "inline", "text", "softbreak", "math_inline"}


@any_text
def test_latex_has_only_characters_that_pdflatex_sets_and_our_commands(text: str) -> None:
    for write in (latex.latex, latex.latex_code):
        assert set(write(text)) <= {chr(code) for code in range(32, 127)} | set(latex.AS_THEY_ARE)
        commands_of_text = COMMANDS.sub("", write(text.encode("ascii", "ignore").decode()))
        assert not re.search(r"[\\$&#%_^~]", commands_of_text)
