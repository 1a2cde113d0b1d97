"""The matrix products against the plainest Python, for weights and biases of any size."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.boolean import enumeration
from octrepro.boolean.enumeration import compare, vertices
from octrepro.boolean.networks import Example, Family, intervals
from tests.boolean.constructions import make_family, plain_family
from tests.boolean.oracle import cube, f, ranges

NUMBERS = st.one_of(
    st.integers(-6, 6), st.sampled_from([2**26, 2**31, -(2**52), -(2**55), 10**18 - 1, 1 - 10**18])
)


@st.composite
def families(draw: st.DrawFn) -> Family:
    """Any entries at all, of every size, many of them products in A, B and D."""
    shapes = st.sampled_from(["{}", "{}*A", "{}*B + 1", "{}*D*A*B", "{}*(A + D) % 3"])
    entries = [draw(shapes).format(draw(NUMBERS)) for _ in range(7)]
    return make_family(draw(st.sampled_from(["sign", "relu"])), *entries)


@given(families(), st.integers(1, 4), st.sampled_from([1, 3, 7, 1 << 12]))
@settings(max_examples=200, deadline=None)
def test_counts_are_those_of_the_definition(family: Family, D: int, block: int) -> None:
    make = plain_family(family)
    wrong = [(A, B, x) for A, B in intervals(D) for x in cube(D) if make(D, A, B).h(x) != f(x, A, B)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(enumeration, "ROWS", block)
        patch.setattr(enumeration, "COLUMNS", block)
        count = compare(family, D)
    assert (count.evaluated, count.mismatches) == (2**D * len(list(intervals(D))), len(wrong))
    if not wrong:
        assert count.first is None
        return
    A, B, x = wrong[0]
    assert count.first == Example(D, A, B, sum(x), family.at(D, A, B))
    assert count.first.x == x


def test_vertices_and_intervals_come_in_order() -> None:
    for D in range(1, 6):
        assert [tuple(row) for row in vertices(D, 0, 2**D).tolist()] == list(cube(D))
    assert [(D, A, B) for D in range(1, 5) for A, B in intervals(D)] == list(ranges(4))
