"""The matrix products against the plainest Python, for weights and biases of any size."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.boolean import enumeration
from octrepro.boolean.enumeration import compare
from octrepro.boolean.networks import Example, Family
from tests.boolean.oracle import cube, f, h, make_family, ranges

NUMBERS = st.integers(-6, 6) | st.sampled_from([2**26, 2**31, -(2**52), -(2**55), 10**18 - 1, 1 - 10**18])


@st.composite
def families(draw: st.DrawFn) -> Family:
    """Any entries at all, of every size, many of them products in A, B and D."""
    shapes = st.sampled_from(["{}", "{}*A", "{}*B + 1", "{}*D*A*B", "{}*(A + D) % 3"])
    entries = [draw(shapes).format(draw(NUMBERS)) for _ in range(7)]
    return make_family(draw(st.sampled_from(["sign", "relu"])), *entries)


@given(families(), st.integers(1, 4), st.sampled_from([1, 3, 7, 1 << 12]))
@settings(max_examples=200, deadline=None)
def test_counts_are_those_of_the_definition(family: Family, dimension: int, block: int) -> None:
    cases = [(D, A, B, x) for D, A, B in ranges(dimension) if dimension == D for x in cube(D)]
    wrong = [(D, A, B, x) for D, A, B, x in cases if h(family.at(D, A, B), x) != f(x, A, B)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(enumeration, "ROWS", block)
        patch.setattr(enumeration, "COLUMNS", block)
        count = compare(family, dimension)
    assert (count.evaluated, count.mismatches) == (len(cases), len(wrong))
    if wrong:
        D, A, B, x = wrong[0]
        assert count.first == Example(D, A, B, sum(x), family.at(D, A, B))
        assert count.first.x == x
    else:
        assert count.first is None
