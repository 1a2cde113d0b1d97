"""The parser of integer expressions: values, precedence, messages, and hostile input."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octrepro.boolean import parse_expression
from octrepro.boolean.expressions import MAX_DIGITS, check_constants
from octrepro.core import UserError

CONSTANTS = {"k1": 1, "k2": 10}
MAX_LENGTH = 200  # as the schema has it
NAMES = {"A": -3, "B": 5, "D": 7, **CONSTANTS}
INTERVAL = {"A": -3, "B": 5, "D": 7}


def value(text: str | int) -> int:
    return parse_expression(text, CONSTANTS).evaluate(**INTERVAL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-k2*A + k1", 31),
        (7, 7),
        (-7, -7),
        (" ( A ) ", -3),
        ("2 - 3 - 4", -5),
        ("2 - (3 - 4)", 3),
        ("2 + 3*4", 14),
        ("- - 3", 3),
        ("+3", 3),
        ("2*-3", -6),
        ("-7 % 3", 2),
        ("-(7 % 3)", -1),
        ("(A + D) % 2", 0),
        ("A*B % 4 * 2", 2),
        ("B % (k2 - 3*k1)", 5),
        ("D*D*D", 343),
        ("A\t+\n B\n", 2),
    ],
)
def test_value(text: str | int, expected: int) -> None:
    assert value(text) == expected


# Texts of the grammar, each with its value, built side by side.
@st.composite
def sums(draw: st.DrawFn, depth: int = 3) -> tuple[str, int]:
    kind = draw(
        st.sampled_from(["leaf", "name", "+", "-", "*", "%", "negate"] if depth else ["leaf", "name"])
    )
    if kind == "leaf":
        number = draw(st.integers(0, 99))
        return str(number), number
    if kind == "name":
        name = draw(st.sampled_from(sorted(NAMES)))
        return name, NAMES[name]
    text, number = draw(sums(depth=depth - 1))
    if kind == "negate":
        return f"-({text})", -number
    if kind == "%":
        divisor = draw(st.integers(1, 9))
        return f"({text}) % {divisor}", number % divisor
    other_text, other = draw(sums(depth=depth - 1))
    results = {"+": number + other, "-": number - other, "*": number * other}
    return f"({text}) {kind} ({other_text})", results[kind]


@given(sums())
def test_any_expression_has_its_value(case: tuple[str, int]) -> None:
    text, expected = case
    if len(text) <= MAX_LENGTH:
        assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("-k2*A + k3", 8, "the name k3 is not known"),
        ("2A", None, "invalid"),
        ("A + ", None, "invalid"),
        ("", None, "invalid"),
        ("007", None, "leading zeros"),
        ("A / 2", 2, "multiply the whole unit by the denominator"),
        ("1.5*A", 1, "power of ten"),
        ("A ** 2", 5, "products, A*A"),
        ("A^2", 1, "products, A*A"),
        ("k2 − A", 3, "hyphen"),
        ("(A + 1", 0, "never closed"),
        ("A + 1)", 5, "unmatched"),
        ("a + 1", 0, "did you mean A"),
        ("A % B", 4, "A, B and D do not occur"),
        ("A % 0", 4, "positive"),
        ("A % (k1 - 1)", 5, "positive"),
        ("__import__('os')", 11, "no meaning"),
        ("A(1)", 0, "only numbers, names"),
        ("A.real", 1, "power of ten"),
        ("A if B else D", 0, "only numbers, names"),
        ("A and B", 0, "only numbers, names"),
        ("True", 0, "whole number"),
        ("0x10", 0, "whole number"),
        ("1_000", 0, "whole number"),
        ("1e3", 0, "only numbers, names"),
        ("٣ + A", 0, "no meaning"),
        ("A # B", 2, "no meaning"),
        ("A\n+ *", None, "invalid"),
        ("  A + )", 6, "unmatched"),
        ("A\u00a0+ B", 1, "no meaning"),
        ("A\x0b", 1, "no meaning"),
        ("9" * (MAX_DIGITS + 1), 0, "digits"),
    ],
)
def test_message_points_at_the_place(text: str, column: int | None, said: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_expression(text, CONSTANTS, where="boolean.constructions.mine.output.bias")
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("boolean.constructions.mine.output.bias: ")
    # What Python's parser itself refuses, it places differently from version to version.
    assert lines[2].strip() == "^"
    assert column is None or lines[2] == " " * (4 + column) + "^"
    assert said in str(caught.value)


def test_control_characters_do_not_reach_the_terminal() -> None:
    with pytest.raises(UserError) as caught:
        parse_expression("A + \x1b[2J", CONSTANTS)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("opening", ["(", "-", "+(", "-("])
def test_deep_nesting_is_read_or_refused(opening: str) -> None:
    for depth in (20, 60, MAX_LENGTH // (2 * len(opening))):
        with suppress(UserError):
            assert value(opening * depth + "1" + ")" * depth * opening.count("(")) in (1, -1)
    assert value(opening * 20 + "1" + ")" * 20 * opening.count("(")) == 1


def test_large_values_are_exact() -> None:
    text = "*".join(["9" * MAX_DIGITS] * 10)
    assert value(text) == int("9" * MAX_DIGITS) ** 10


def test_jumbled_tokens() -> None:
    """20,000 jumbles of tokens: each is refused with a message, or has the value that Python gives it."""
    pieces = ["A", "B", "D", "k1", "k2", "k3", "0", "1", "23", "+", "-", "*", "%", "(", ")", " ", " "]
    odd = [*("/", "**", ".", "\t", "\n", "é", "__class__", "lambda", ":", "[", "]", "'", '"', "\x00")]
    odd += ["0x1", "1e3", "=", "😀", "#"]
    generator = random.Random(3)
    accepted = refused = 0
    for _ in range(20_000):
        pool = pieces + odd if generator.random() < 0.3 else pieces
        text = "".join(generator.choices(pool, k=generator.randint(1, 9)))
        try:
            found = value(text)
        except UserError as error:
            assert str(error).splitlines()[2].strip() == "^", text
            refused += 1
        else:
            accepted += 1
            python = " ".join(text.split())
            assert found == eval(python, {"__builtins__": {}}, NAMES)  # noqa: S307
    assert accepted > 1_000
    assert refused > 10_000


@given(sums())
def test_degree_tells_linear_expressions(case: tuple[str, int]) -> None:
    text, _ = case
    if len(text) <= MAX_LENGTH:
        expression = parse_expression(text, CONSTANTS)
        variables = set("ABD") & set(text)
        assert expression.degree >= (text.count("*") == 0 and bool(variables))
        if expression.degree == 0:
            assert expression.evaluate(1, 2, 3) == expression.evaluate(5, 7, 11)


@pytest.mark.parametrize(
    ("text", "degree", "coq"),
    [
        ("-k2*A + k1", 1, "-10 * A + 1"),
        ("1 - (A - D)", 1, "1 - (A - D)"),
        ("A - -B", 1, "A - -B"),
        ("2*-A", 1, "2 * -A"),
        ("-(A + B)*2", 1, "-(A + B) * 2"),
        ("(A + D) % 2 * 3", 1, "(A + D) mod 2 * 3"),
        ("A % 2 * B", 2, "A mod 2 * B"),
        ("k2 % 3", 0, "10 mod 3"),
        ("+A*B*D", 3, "A * B * D"),
        ("- -A", 1, "- -A"),
        ("7 % (2 + 1) % 2", 0, "7 mod (2 + 1) mod 2"),
    ],
)
def test_degree_and_coq_notation(text: str, degree: int, coq: str) -> None:
    expression = parse_expression(text, CONSTANTS)
    assert (expression.degree, expression.coq) == (degree, coq)


@pytest.mark.parametrize("name", ["A", "B", "D", "k 1", "1k", ""])
def test_constants_that_cannot_be_used(name: str) -> None:
    with pytest.raises(UserError, match=r"boolean\.constants"):
        check_constants({name: 1})
