"""Integer expressions in A, B, D and named constants, read with Python's own parser and never run by it.

Integers, names, ``+``, ``-``, ``*``, parentheses and ``%`` are allowed. Integers are closed under +, - and
*, and ``%`` (the remainder, 0 <= r < n) is allowed only by a positive number n in which A, B and D do not
occur. So an expression that can be read is an integer for every A, B and D.
"""

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from octrepro.core import UserError

VARIABLES = ("A", "B", "D")
MAX_DIGITS = 18

_OPERATIONS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Mod: operator.mod,
}
_WHOLE = "weights and biases are integers: multiply the whole unit by the denominator instead"
_HINTS = {
    "/": _WHOLE,
    ".": _WHOLE,
    "\N{MINUS SIGN}": "use the hyphen '-' for minus",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression: its text, and its syntax tree with numbers for constants."""

    text: str
    tree: ast.expr

    def evaluate(self, A: Any, B: Any, D: Any) -> Any:
        """Value at A, B and D: an int of any size for ints, a term for terms of z3."""
        return _evaluate(self.tree, {"A": A, "B": B, "D": D})

    @property
    def constant(self) -> bool:
        """Whether A, B and D do not occur."""
        return _constant(self.tree)

    @property
    def linear(self) -> bool:
        """Whether every product has a constant factor; remainders by a constant may stand anywhere."""
        return all(
            _constant(node.left) or _constant(node.right)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
        )

    @property
    def coq(self) -> str:
        """The expression in Coq, whose operators bind as Python's do."""
        return ast.unparse(self.tree).replace("%", "mod").replace("--", "- -")


def _constant(tree: ast.expr) -> bool:
    return not any(isinstance(node, ast.Name) for node in ast.walk(tree))


def _evaluate(node: Any, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.UnaryOp(operand=operand):
            return -_evaluate(operand, names)
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATIONS[type(op)](_evaluate(left, names), _evaluate(right, names))
    return names[node.id] if isinstance(node, ast.Name) else node.value


def parse_expression(source: str | int, constants: Mapping[str, int], where: str) -> Expression:
    """Read one integer expression in A, B, D and the constants.

    `where` says what the expression is (``boolean.constructions.mine.output.bias``) in the message of the
    `UserError` raised otherwise, which has a caret under the first character that cannot be understood.

    >>> parse_expression("-k2*A + k1", {"k1": 1, "k2": 10}, "bias").evaluate(A=-3, B=2, D=4)
    31
    """
    text = re.sub(r"[\t\r\n]", " ", str(source)).strip(" ")
    return Expression(text, _Reader(text, constants, where).read())


@dataclass(frozen=True)
class _Reader:
    text: str
    constants: Mapping[str, int]
    where: str

    def read(self) -> ast.expr:
        if stray := re.search(r"[^A-Za-z0-9_+*%() -]", self.text):
            raise self.error("this character has no meaning here", stray.start(), _HINTS.get(stray[0]))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                parsed = ast.parse(self.text, mode="eval")
        except SyntaxError as error:
            raise self.error(error.msg, min((error.offset or 1) - 1, len(self.text))) from None
        except (MemoryError, RecursionError):
            raise self.error("nested too deeply", 0) from None
        return self.checked(parsed.body)

    def checked(self, node: ast.expr) -> ast.expr:
        """The tree with numbers for constants; every node that is not listed here is refused."""
        column = node.col_offset
        match node:
            case ast.Constant(value=int() as value):
                digits = self.text[column : node.end_col_offset]
                if not digits.isdigit() or len(digits) > MAX_DIGITS:
                    raise self.error(f"expected a whole number of at most {MAX_DIGITS} digits", column)
                return ast.Constant(value)
            case ast.Name(id=name) if name in VARIABLES:
                return ast.Name(name)
            case ast.Name(id=name) if name in self.constants:
                return ast.Constant(self.constants[name])
            case ast.Name(id=name):
                raise self.error(f"the name {name} is not known", column)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.checked(operand)
            case ast.UnaryOp(op=ast.USub() as minus, operand=operand):
                return ast.UnaryOp(minus, self.checked(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
                first, second = self.checked(left), self.checked(right)
                if isinstance(op, ast.Mod) and not (_constant(second) and _evaluate(second, {}) > 0):
                    what = "the remainder is taken by a positive number in which A, B and D do not occur"
                    raise self.error(what, right.col_offset)
                return ast.BinOp(first, op, second)
        raise self.error("only numbers, names, + - * % and parentheses are allowed", column)

    def error(self, what: str, column: int, hint: str | None = None) -> UserError:
        names = ", ".join([*VARIABLES, *self.constants])
        return UserError(
            f"{self.where}: {what}\n    {self.text}\n    {' ' * column}^",
            expected=f"an integer expression in {names} with + - * % and parentheses",
            hint=hint,
        )
