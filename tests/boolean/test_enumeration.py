"""The matrix products against the plainest Python, for weights and biases of any size."""

from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.boolean.enumeration import compare
from octrepro.boolean.networks import Family
from tests.boolean.oracle import make_family, mismatches, ranges

NUMBERS = st.integers(-6, 6) | st.sampled_from([2**26, 2**31, -(2**52), -(2**55), 10**18 - 1, 1 - 10**18])


@st.composite
def families(draw: st.DrawFn) -> Family:
    """Any entries at all, of every size, many of them products in A, B and D."""
    shapes = st.sampled_from(["{}", "{}*A", "{}*B + 1", "{}*D*A*B", "{}*(A + D) % 3"])
    entries = [draw(shapes).format(draw(NUMBERS)) for _ in range(7)]
    return make_family(draw(st.sampled_from(["sign", "relu"])), *entries)


@given(families(), st.integers(1, 4))
@settings(max_examples=200)
def test_counts_are_those_of_the_definition(family: Family, largest: int) -> None:
    wrong = mismatches(family.at, largest)
    evaluated, count, first = compare(family, largest)
    assert (evaluated, count) == (sum(2**D for D, _, _ in ranges(largest)), len(wrong))
    assert [(each.D, each.A, each.B, each.x) for each in [first] if each] == wrong[:1]
    assert first is None or first == family.example(first.D, first.A, first.B, sum(first.x))
