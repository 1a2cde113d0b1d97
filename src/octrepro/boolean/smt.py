"""Questions about a construction for all D, A and B at once, decided by z3.

A network depends on x through s = sum(x), and the vertices of {-1, +1}^D have exactly the sums s = 2 k - D
with 0 <= k <= D. With constant weights and biases linear in A, B and D, "h differs from f somewhere" is
linear arithmetic over integers, and over a real t where inputs may move: both are decidable.
"""

from fractions import Fraction
from typing import Any

import z3

from octrepro.boolean.networks import Example, Family

# A bound on z3's work, not on its time: the answer is the same on every machine. Ten million steps are
# some seconds; the constructions here take some ten thousand.
LIMIT = 10_000_000


class UndecidedError(Exception):
    """z3 reached its limit."""


def find_wrong(family: Family, margin: Fraction | None = None) -> Example | None:
    """The first vertex, in the order of D, A, B and sum, at which a linear family fails; None without any.

    Without a margin, to fail is h(x) != f(x); with a margin m > 0, that h differs from f(x) at some point
    whose sum is nearer than m to sum(x). Raises `UndecidedError` when z3 reaches its limit.
    """
    A, B, D, k = z3.Ints("A B D k")
    s, t = 2 * k - D, z3.Real("t")
    solver = z3.Solver()
    solver.set("rlimit", LIMIT)
    solver.add(D >= 1, -D <= A, A <= B, B <= D, k >= 0, k <= D)
    if margin is None:
        solver.add(t == s)
    else:
        m = z3.Q(*margin.as_integer_ratio())
        solver.add(s - m < t, t < s + m)
    network = family.network.each(lambda entry: z3.ToReal(z3.IntVal(0) + entry.evaluate(A, B, D)))
    output = network.output(*network.hidden(t), z3.If)
    solver.add((output >= 0) != z3.And(s >= A, s <= B))
    if _solve(solver) is None:
        return None
    dimension = _least(solver, D, 1)
    low = _least(solver, A, -dimension)
    high = _least(solver, B, low)
    return family.example(dimension, low, high, 2 * _least(solver, k, 0) - dimension)


def _solve(solver: z3.Solver, *assumptions: Any) -> Any:
    """A model, or None."""
    answer = solver.check(*assumptions)
    if answer == z3.unknown:
        raise UndecidedError
    return solver.model() if answer == z3.sat else None


def _least(solver: z3.Solver, unknown: z3.ArithRef, low: int) -> int:
    """The least value of an unknown, at least `low`, by bisection; from then on it has this value.

    z3's own optimization takes minutes where numbers are large.
    """
    model = _solve(solver)
    high = model.eval(unknown, model_completion=True).as_long()
    while low < high:
        middle = (low + high) // 2
        model = _solve(solver, unknown <= middle)
        if model is None:
            low = middle + 1
        else:
            high = model.eval(unknown).as_long()
    solver.add(unknown == low)
    return low
