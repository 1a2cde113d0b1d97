"""Integer expressions in A, B, D and named constants, parsed without `eval`.

Grammar (usual precedence, left associative)::

    sum     = product { ("+" | "-") product }
    product = factor { ("*" | "%") factor }
    factor  = [ "+" | "-" ] factor | integer | name | "(" sum ")"

Integers are closed under +, - and *, and `%` (the remainder, 0 <= r < n) is allowed only by a positive
number n in which A, B and D do not occur. So an expression that parses is an integer for every A, B and D:
nothing is left to be checked value by value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from octrepro.core import UserError

__all__ = ["VARIABLES", "Expression", "check_constants", "parse_expression"]

VARIABLES: Final = ("A", "B", "D")
MAX_LENGTH: Final = 200
MAX_DEPTH: Final = 40
MAX_DIGITS: Final = 18

_TOKEN = re.compile(
    r"[ \t\r\n]*(?:(?P<number>[0-9]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<operator>[^ \t\r\n]))"
)

_HINTS = {
    "/": "weights and biases are integers: multiply the whole unit by the denominator instead of dividing",
    ".": "weights and biases are integers: multiply the whole unit by a power of ten instead",
    "^": "powers are written as products, A*A",
    "−": "use the hyphen '-' for minus",
    "·": "use '*' for times",
    "×": "use '*' for times",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    Attributes
    ----------
    text
        As the author wrote it.
    program
        The same in reverse Polish notation: an int is pushed, the name of a variable pushes its value, an
        operator takes its operands from the stack ("negate" takes one).
    """

    text: str
    program: tuple[int | str, ...]

    def evaluate(self, A: int, B: int, D: int) -> int:
        """Value at these A, B and D, exact whatever its size."""
        values = {"A": A, "B": B, "D": D}
        stack: list[int] = []
        for step in self.program:
            if isinstance(step, int):
                stack.append(step)
            elif step in values:
                stack.append(values[step])
            elif step == "negate":
                stack.append(-stack.pop())
            else:
                right, left = stack.pop(), stack.pop()
                stack.append(_apply(step, left, right))
        return stack.pop()


def _apply(operator: str, left: int, right: int) -> int:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    return left * right if operator == "*" else left % right


def parse_expression(
    source: str | int, constants: Mapping[str, int] | None = None, *, where: str = "expression"
) -> Expression:
    """Parse one integer expression.

    Parameters
    ----------
    source
        The expression, or an integer.
    constants
        Values of the names other than A, B and D.
    where
        What the expression is (``boolean.constructions.mine.output.bias``), for the message.

    Raises
    ------
    UserError
        With the expression and a caret under the first character that cannot be understood.

    Examples
    --------
    >>> parse_expression("-k2*A + k1", {"k1": 1, "k2": 10}).evaluate(A=-3, B=2, D=4)
    31
    """
    if isinstance(source, bool) or not isinstance(source, str | int):
        raise UserError(
            f"{where}: {source!r} is not an integer expression",
            expected="an integer or a text such as -k2*A + k1",
        )
    if isinstance(source, int) and abs(source) >= 10**MAX_DIGITS:
        # Before str(): converting a giant integer to text is itself an error in Python.
        raise UserError(f"{where}: the number is too large", expected=f"at most {MAX_DIGITS} digits")
    text = str(source)
    if len(text) > MAX_LENGTH:
        raise UserError(
            f"{where}: the expression is {len(text)} characters long",
            expected=f"at most {MAX_LENGTH} characters",
        )
    return Expression(text, tuple(_Parser(text, dict(constants or {}), where).parse()))


def check_constants(constants: Mapping[str, int], *, where: str = "boolean.constants") -> None:
    """Refuse constants that hide a variable, cannot be written in an expression or are too large.

    Raises
    ------
    UserError
        Naming the first constant that cannot be used.
    """
    for name, value in constants.items():
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise UserError(
                f"{where}: {name!r} cannot name a constant",
                expected="letters, digits and _, beginning with a letter",
            )
        if name in VARIABLES:
            raise UserError(f"{where}.{name}: A, B and D are the variables of f", hint="choose another name")
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**MAX_DIGITS:
            raise UserError(
                f"{where}.{name}: the value cannot be used",
                expected=f"an integer of at most {MAX_DIGITS} digits",
            )


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "number", "name", "operator" or "end"
    text: str
    column: int


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while match := _TOKEN.match(text, position):
        kind = match.lastgroup or "operator"
        yield _Token(kind, match[kind], match.start(kind))
        position = match.end()
    yield _Token("end", "", len(text.rstrip(" \t\r\n")))


class _Parser:
    """Recursive descent, its depth bounded by MAX_DEPTH; emits reverse Polish notation."""

    def __init__(self, text: str, constants: dict[str, int], where: str) -> None:
        self.text = text
        self.constants = constants
        self.where = where
        self.tokens = list(_tokens(text))
        self.next = 0
        self.depth = 0

    def parse(self) -> list[int | str]:
        program = self.sum()
        if self.token.kind != "end":
            raise self.error("an operator (+ - * %) or the end was expected here", self.token)
        return program

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def take(self) -> _Token:
        self.next += 1
        return self.tokens[self.next - 1]

    def sum(self) -> list[int | str]:
        program = self.product()
        while self.token.text in ("+", "-"):
            operator = self.take()
            program = [*program, *self.product(), operator.text]
        return program

    def product(self) -> list[int | str]:
        program = self.factor()
        while self.token.text in ("*", "%"):
            operator = self.take()
            start = self.token
            right = self.factor()
            if operator.text == "%":
                self.require_positive_constant(right, start)
            program = [*program, *right, operator.text]
        return program

    def factor(self) -> list[int | str]:
        token = self.take()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} deep", token)
        try:
            if token.kind == "number":
                return [self.number(token)]
            if token.kind == "name":
                return [self.name(token)]
            if token.text == "-":
                return [*self.factor(), "negate"]
            if token.text == "+":
                return self.factor()
            if token.text == "(":
                return self.parenthesis(token)
        finally:
            self.depth -= 1
        raise self.error("a number, a name or '(' was expected here", token)

    def parenthesis(self, opening: _Token) -> list[int | str]:
        program = self.sum()
        if self.token.kind == "end":
            raise self.error("this '(' is never closed", opening)
        if self.token.text != ")":
            raise self.error("an operator (+ - * %) or ')' was expected here", self.token)
        self.take()
        return program

    def number(self, token: _Token) -> int:
        if len(token.text) > MAX_DIGITS:
            raise self.error(f"a number has at most {MAX_DIGITS} digits", token)
        return int(token.text)

    def name(self, token: _Token) -> int | str:
        if token.text in VARIABLES:
            return token.text
        if token.text in self.constants:
            return self.constants[token.text]
        known = [*VARIABLES, *self.constants]
        close = difflib.get_close_matches(token.text, known, n=1) or [
            k for k in known if k == token.text.upper()
        ]
        meant = f"did you mean {close[0]}?" if close else f"the names known here are {', '.join(known)}"
        raise self.error(f"the name {token.text} is not known", token, hint=meant)

    def require_positive_constant(self, program: list[int | str], start: _Token) -> None:
        if any(variable in program for variable in VARIABLES):
            raise self.error("the remainder is taken by a number in which A, B and D do not occur", start)
        if Expression("", tuple(program)).evaluate(0, 0, 0) <= 0:
            raise self.error("the remainder is taken by a positive number", start)

    def error(self, what: str, token: _Token, hint: str | None = None) -> UserError:
        # Control characters would break the alignment of the caret, or worse, the reader's terminal.
        shown = "".join(c if c.isprintable() else " " if c in "\t\r\n" else "?" for c in self.text)
        names = ", ".join([*VARIABLES, *self.constants])
        return UserError(
            f"{self.where}: {what}\n    {shown}\n    {' ' * token.column}^",
            expected=f"an integer expression in {names} with + - * % and parentheses",
            hint=hint or _HINTS.get(token.text),
        )
