"""Questions about a construction for all D, A and B at once, decided by z3.

A network depends on x through s = sum(x), and the vertices of {-1, +1}^D have exactly the sums s = 2 k - D
with 0 <= k <= D. With constant weights and biases linear in A, B and D, "h differs from f somewhere" is
linear arithmetic over integers, and over a real t where inputs may move: both are decidable.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import z3

from octrepro.boolean.networks import Example, Family

__all__ = ["UndecidedError", "find_wrong"]

# A bound on z3's work, not on its time: the answer is the same on every machine. Ten million steps are
# some seconds; the constructions here take some ten thousand.
LIMIT = 10_000_000


class UndecidedError(Exception):
    """z3 reached its limit."""


def find_wrong(family: Family, margin: Fraction | None = None) -> Example | None:
    """The first vertex, in the order of D, A, B and sum, at which h fails; None when there is none at all.

    Parameters
    ----------
    family
        A linear family (`Family.linear`).
    margin
        None asks for h(x) != f(x); a margin m > 0 for an h that differs from f(x) at some point whose sum
        is nearer than m to sum(x).

    Raises
    ------
    UndecidedError
        When the limit of z3's work is reached.
    """
    A, B, D, k = z3.Ints("A B D k")
    s = 2 * k - D
    domain = [D >= 1, -D <= A, A <= B, B <= D, k >= 0, k <= D]
    inside = z3.And(s >= A, s <= B)
    if margin is None:
        facts = [*domain, _positive(family, A, B, D, s) != inside]
    else:
        t, m = z3.Real("t"), z3.Q(margin.numerator, margin.denominator)
        near = [z3.ToReal(s) - m < t, t < z3.ToReal(s) + m]
        facts = [*domain, *near, _positive(family, A, B, D, t) != inside]
    solver = z3.Solver()
    solver.set("rlimit", LIMIT)
    solver.add(*facts)
    if _check(solver) is None:
        return None
    values: list[int] = []
    for unknown in (D, A, B, k):
        values.append(_least(solver, unknown))
        solver.add(unknown == values[-1])
    dimension, low, high, positive = values
    return family.example(dimension, low, high, 2 * positive - dimension)


def _check(solver: z3.Solver, *assumptions: Any) -> z3.ModelRef | None:
    answer = solver.check(*assumptions)
    if answer == z3.unknown:
        raise UndecidedError(solver.reason_unknown())
    return solver.model() if answer == z3.sat else None


def _least(solver: z3.Solver, unknown: z3.ArithRef) -> int:
    """The least value of an unknown that is bounded below, by doubling steps down and bisection."""
    model = _check(solver)
    assert model is not None  # noqa: S101 (its caller has found one)
    value, step = model.eval(unknown, model_completion=True).as_long(), 1
    while (model := _check(solver, unknown <= value - step)) is not None:
        value, step = model.eval(unknown).as_long(), 2 * step
    least = value - step + 1
    while least < value:
        middle = (least + value) // 2
        if (model := _check(solver, unknown <= middle)) is None:
            least = middle + 1
        else:
            value = model.eval(unknown).as_long()
    return int(value)


def _positive(family: Family, A: Any, B: Any, D: Any, s: Any) -> z3.BoolRef:
    """The condition for h = +1 where the inputs add up to s, an integer or a real term."""
    real = z3.is_real(s)

    def value(expression: Any) -> Any:
        found = expression.evaluate(A, B, D)
        term = found if z3.is_expr(found) else z3.IntVal(found)
        return z3.ToReal(term) if real else term

    (w1, b1), (w2, b2) = family.hidden
    v1, v2, c = (value(entry) for entry in family.output)
    units = []
    for weight, bias, out in ((w1, b1, v1), (w2, b2, v2)):
        z = value(weight) * s + value(bias)
        units.append(z3.If(z >= 0, out * z, 0) if family.activation == "relu" else z3.If(z >= 0, out, -out))
    return units[0] + units[1] + c >= 0
