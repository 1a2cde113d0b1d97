"""Integer expressions in A, B, D and named constants, read with Python's own parser and never run by it.

Integers, names, ``+``, ``-``, ``*``, parentheses and ``%`` are allowed. Integers are closed under +, - and
*, and ``%`` (the remainder, 0 <= r < n) is allowed only by a positive number n in which A, B and D do not
occur. So an expression that can be read is an integer for every A, B and D.
"""

from __future__ import annotations

import ast
import difflib
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from octrepro.core import UserError

__all__ = ["VARIABLES", "Expression", "check_constants", "parse_expression"]

VARIABLES: Final = ("A", "B", "D")
MAX_LENGTH: Final = 200
MAX_DIGITS: Final = 18

_OPERATORS: dict[type[ast.operator], tuple[Callable[[Any, Any], Any], str, int]] = {
    ast.Add: (operator.add, "+", 1),
    ast.Sub: (operator.sub, "-", 1),
    ast.Mult: (operator.mul, "*", 2),
    ast.Mod: (operator.mod, "mod", 2),
}
_HINTS = {
    "/": "weights and biases are integers: multiply the whole unit by the denominator instead of dividing",
    ".": "weights and biases are integers: multiply the whole unit by a power of ten instead",
    "^": "powers are written as products, A*A",
    "\N{MINUS SIGN}": "use the hyphen '-' for minus",
    "\N{MIDDLE DOT}": "use '*' for times",
    "\N{MULTIPLICATION SIGN}": "use '*' for times",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that has been read.

    Attributes
    ----------
    text
        As the author wrote it.
    tree
        Its syntax tree; constants stand in it as numbers.
    """

    text: str
    tree: ast.expr

    def evaluate(self, A: Any, B: Any, D: Any) -> Any:
        """Value at A, B and D: an int of any size for ints, a term for terms of z3."""
        return _evaluate(self.tree, {"A": A, "B": B, "D": D})

    @property
    def degree(self) -> int:
        """0 for a constant, 1 for a linear expression (remainders included), more for products."""
        return _degree(self.tree)

    @property
    def coq(self) -> str:
        """The expression in Coq's notation for integers."""
        return _coq(self.tree)


def parse_expression(
    source: str | int, constants: Mapping[str, int] | None = None, *, where: str = "expression"
) -> Expression:
    """Read one integer expression.

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
    return Expression(text, _Reader(text, constants or {}, where).read())


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


@dataclass(frozen=True)
class _Reader:
    text: str
    constants: Mapping[str, int]
    where: str

    def read(self) -> ast.expr:
        if stray := re.search(r"[^A-Za-z0-9_+*%() \t\r\n-]", self.text):
            raise self.error("this character has no meaning here", stray.start(), _HINTS.get(stray[0]))
        line = re.sub(r"\s", " ", self.text)
        start = len(line) - len(line.lstrip())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                parsed = ast.parse(line.lstrip(), mode="eval")
        except SyntaxError as error:
            column = start + (error.offset or 1) - 1
            raise self.error(error.msg, min(column, len(self.text.rstrip()))) from None
        except (MemoryError, RecursionError):
            raise self.error("nested too deeply", start) from None
        return self.checked(parsed.body, start)

    def checked(self, node: ast.expr, start: int) -> ast.expr:
        """The tree with numbers for constants; every node that is not listed here is refused."""
        column = start + node.col_offset
        match node:
            case ast.Constant(value=int() as value):
                digits = self.text[column : start + (node.end_col_offset or 0)]
                if not digits.isdigit():
                    raise self.error("a whole number is written in decimal digits", column)
                if len(digits) > MAX_DIGITS:
                    raise self.error(f"a number has at most {MAX_DIGITS} digits", column)
                return ast.Constant(value)
            case ast.Name(id=name) if name in VARIABLES:
                return ast.Name(name)
            case ast.Name(id=name) if name in self.constants:
                return ast.Constant(self.constants[name])
            case ast.Name(id=name):
                raise self.error(f"the name {name} is not known", column, self.suggestion(name))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                return ast.UnaryOp(sign, self.checked(operand, start))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                first, second = self.checked(left, start), self.checked(right, start)
                if isinstance(op, ast.Mod) and (_degree(second) or _evaluate(second, {}) <= 0):
                    what = "the remainder is taken by a positive number in which A, B and D do not occur"
                    raise self.error(what, start + right.col_offset)
                return ast.BinOp(first, op, second)
            case ast.BinOp(op=ast.Pow(), right=right):
                raise self.error("powers are not allowed", start + right.col_offset, _HINTS["^"])
        raise self.error("only numbers, names, + - * % and parentheses are allowed", column)

    def suggestion(self, name: str) -> str:
        known = [*VARIABLES, *self.constants]
        close = difflib.get_close_matches(name, known, n=1) or [k for k in known if k == name.upper()]
        return f"did you mean {close[0]}?" if close else f"the names known here are {', '.join(known)}"

    def error(self, what: str, column: int, hint: str | None = None) -> UserError:
        # Control characters would break the alignment of the caret, or worse, the reader's terminal.
        shown = "".join(c if c.isprintable() else " " if c in "\t\r\n" else "?" for c in self.text)
        names = ", ".join([*VARIABLES, *self.constants])
        return UserError(
            f"{self.where}: {what}\n    {shown}\n    {' ' * column}^",
            expected=f"an integer expression in {names} with + - * % and parentheses",
            hint=hint,
        )


def _evaluate(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(op=sign, operand=operand):
            value = _evaluate(operand, names)
            return -value if isinstance(sign, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)][0](_evaluate(left, names), _evaluate(right, names))
    raise TypeError(node)


def _degree(node: ast.expr) -> int:
    match node:
        case ast.Constant():
            return 0
        case ast.UnaryOp(operand=operand):
            return _degree(operand)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _degree(left) + _degree(right)
        case ast.BinOp(left=left, right=right):
            return max(_degree(left), _degree(right))
    return 1


def _coq(node: ast.expr, precedence: int = 0) -> str:
    """In Coq's notation; in parentheses where it binds less strongly than what it is an operand of."""
    match node:
        case ast.Constant(value=int() as value):
            text, binds = str(value), 4 if value >= 0 else 2
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _coq(operand, precedence)
        case ast.UnaryOp(operand=operand):
            text, binds = f"-{_coq(operand, 3)}", 2
        case ast.BinOp(left=left, op=op, right=right):
            _, symbol, own = _OPERATORS[type(op)]
            text = f"{_coq(left, own)} {symbol} {_coq(right, own + 1)}"
            binds = 0 if isinstance(op, ast.Mod) else own
        case _:
            text, binds = ast.unparse(node), 4
    return f"({text})" if binds < precedence else text
