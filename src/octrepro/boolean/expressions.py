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

__all__ = ["Expression", "check_constants", "parse_expression"]

VARIABLES: Final = ("A", "B", "D")
MAX_DIGITS: Final = 18

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Mod: operator.mod,
}
_HINTS = {
    "/": "weights and biases are integers: multiply the whole unit by the denominator instead of dividing",
    ".": "weights and biases are integers: multiply the whole unit by a power of ten instead",
    "^": "powers are written as products, A*A",
    "\N{MINUS SIGN}": "use the hyphen '-' for minus",
    "\N{MULTIPLICATION SIGN}": "use '*' for times",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression: its text as the author wrote it, and its syntax tree with numbers for constants."""

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
        """The expression in Coq, whose operators bind as Python's do."""
        return ast.unparse(self.tree).replace("%", "mod").replace("--", "- -")


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
    text = str(source)
    return Expression(text, _Reader(text, constants or {}, where).read())


def check_constants(constants: Mapping[str, int], *, where: str = "boolean.constants") -> None:
    """Refuse constants that hide a variable or cannot be written in an expression.

    Raises
    ------
    UserError
        Naming the first constant that cannot be used.
    """
    for name in constants:
        if name in VARIABLES:
            raise UserError(f"{where}.{name}: A, B and D are the variables of f", hint="choose another name")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            expected = "letters, digits and _, beginning with a letter"
            raise UserError(f"{where}: {name!r} cannot name a constant", expected=expected)


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
                if not digits.isdigit() or len(digits) > MAX_DIGITS:
                    raise self.error(f"expected a whole number of at most {MAX_DIGITS} digits", column)
                return ast.Constant(value)
            case ast.Name(id=name) if name in VARIABLES:
                return ast.Name(name)
            case ast.Name(id=name) if name in self.constants:
                return ast.Constant(self.constants[name])
            case ast.Name(id=name):
                known = [*VARIABLES, *self.constants]
                close = difflib.get_close_matches(name, known, n=1) or [k for k in known if k == name.upper()]
                hint = f"did you mean {close[0]}?" if close else None
                raise self.error(f"the name {name} is not known", column, hint)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.checked(operand, start)
            case ast.UnaryOp(op=ast.USub() as minus, operand=operand):
                return ast.UnaryOp(minus, self.checked(operand, start))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                first, second = self.checked(left, start), self.checked(right, start)
                if isinstance(op, ast.Mod) and (_degree(second) or _evaluate(second, {}) <= 0):
                    what = "the remainder is taken by a positive number in which A, B and D do not occur"
                    raise self.error(what, start + right.col_offset)
                return ast.BinOp(first, op, second)
            case ast.BinOp(op=ast.Pow(), right=right):
                raise self.error("powers are not allowed", start + right.col_offset, _HINTS["^"])
        raise self.error("only numbers, names, + - * % and parentheses are allowed", column)

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
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(operand=operand):
            return -_evaluate(operand, names)
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_evaluate(left, names), _evaluate(right, names))
    return ast.literal_eval(node)


def _degree(node: ast.expr) -> int:
    match node:
        case ast.Constant():
            return 0
        case ast.UnaryOp(operand=operand):
            return _degree(operand)
        case ast.BinOp(left=left, op=op, right=right):
            degrees = _degree(left), _degree(right)
            return sum(degrees) if isinstance(op, ast.Mult) else max(degrees)
    return 1
