"""The reader of integer expressions: values, precedence, messages, and hostile input."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.boolean.expressions import MAX_DIGITS, Expression, parse_expression
from octrepro.core import UserError

CONSTANTS = {"k1": 1, "k2": 10}
INTERVAL = {"A": -3, "B": 5, "D": 7}


def read(text: str | int) -> Expression:
    return parse_expression(text, CONSTANTS, "boolean.constructions.mine.output.bias")


LEAVES = st.sampled_from([*INTERVAL, *CONSTANTS]) | st.integers(0, 99).map(str)
GRAMMAR = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("-({})".format, inner),
        st.builds("({}) % {}".format, inner, st.integers(1, 9)),
        st.builds("({}) {} ({})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*%"), inner),
    ),
    max_leaves=8,
)
TOKENS = [*("A", "B", "D", "k1", "k2", "k3", "0", "1", "23", "+", "-", "*", "%", "(", ")", " ", "/", "**")]
TOKENS += [
    *(".", "\t", "\n", "é", "__class__", "lambda", ":", "[", "'", '"', "\x00", "0x1", "1e3", "😀", "#")
]


@given(GRAMMAR | st.lists(st.sampled_from(TOKENS), max_size=9).map("".join))
@settings(max_examples=2_000)
def test_any_text_is_refused_with_a_caret_or_has_the_value_that_python_gives_it(text: str) -> None:
    try:
        expression = read(text)
    except UserError as error:
        assert str(error).splitlines()[2].strip() == "^"
        return
    python = " ".join(text.split())
    names = {**INTERVAL, **CONSTANTS}
    expected = eval(python, {"__builtins__": {}}, names)  # noqa: S307
    assert expression.evaluate(**INTERVAL) == expected
    assert eval(expression.coq.replace("mod", "%"), {"__builtins__": {}}, names) == expected  # noqa: S307
    assert expression.constant == (not set("ABD") & set(text))
    assert expression.linear or (set("ABD") & set(text) and "*" in text)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("-k2*A + k3", 8, "the name k3 is not known"),
        ("007", None, "leading zeros"),
        ("A / 2", 2, "multiply the whole unit by the denominator"),
        ("k2 − A", 3, "hyphen"),
        ("(A + 1", 0, "never closed"),
        ("  A + 1)", 5, "unmatched"),
        ("A % B", 4, "A, B and D do not occur"),
        ("__import__('os')", 11, "no meaning"),
        ("A(1)", 0, "only numbers, names"),
        ("1_000", 0, "whole number"),
        ("A + \x1b[2J", 4, "no meaning"),
        ("9" * (MAX_DIGITS + 1), 0, "digits"),
    ],
)
def test_message_points_at_the_place(text: str, column: int | None, said: str) -> None:
    with pytest.raises(UserError) as caught:
        read(text)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("boolean.constructions.mine.output.bias: ")
    # What Python's parser itself refuses, it places differently from version to version.
    assert lines[2].strip() == "^"
    assert column is None or lines[2] == " " * (4 + column) + "^"
    assert said in str(caught.value)
    assert all(line.isprintable() for line in lines)
