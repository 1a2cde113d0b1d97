"""Exact limits and distances against brute force with tiny rational steps."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.boolean.networks import Activation, Network, attainable_sums, target
from octrepro.boolean.response import response
from octrepro.boolean.verification import LARGEST_MARGIN
from tests.boolean.constructions import plain
from tests.boolean.oracle import TINY, cube, moved, steps

SMALL = st.integers(-4, 4)
RATIONAL = st.fractions(-7, 7, max_denominator=12)
DIMENSIONS = st.integers(1, 4)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    w1, w2, b1, b2, v1, v2, c = (draw(SMALL) for _ in range(7))
    activation: Activation = draw(st.sampled_from(["sign", "relu"]))
    return Network(activation, (w1, w2), (b1, b2), (v1, v2), c)


@given(networks(), DIMENSIONS, st.data())
@settings(max_examples=300, deadline=None)
def test_h_is_the_response_to_the_sum(network: Network, D: int, data: st.DataObject) -> None:
    """At any rational point, on a breakpoint or off it, h is what the response says of the sum."""
    x = [data.draw(RATIONAL) for _ in range(D)]
    pieces = response(network).pieces
    ends = [piece.low for piece in pieces if piece.low is not None]
    if data.draw(st.booleans()) and ends:
        x[0] += data.draw(st.sampled_from(ends)) - sum(x)
    s = sum(x)
    found = [p for p in pieces if p.low == s == p.high] or [
        p for p in pieces if (p.low is None or p.low < s) and (p.high is None or s < p.high)
    ]
    assert [piece.value for piece in found] == [plain(network, D).h(x)]
    assert network(s) == plain(network, D).h(x)


@given(networks(), DIMENSIONS, st.data())
@settings(max_examples=300, deadline=None)
def test_limits_along_any_direction(network: Network, D: int, data: st.DataObject) -> None:
    """h(x + t v) for a tiny t is the one-sided limit that the sign of sum(v) selects."""
    oracle = plain(network, D)
    x = data.draw(st.sampled_from(list(cube(D))))
    below, above = response(network).limits(sum(x))
    for v in [*steps(D), data.draw(st.tuples(*[SMALL] * D))]:
        expected = above if sum(v) > 0 else below if sum(v) < 0 else oracle.h(x)
        assert oracle.h(moved(x, v, TINY)) == expected


@given(networks(), DIMENSIONS, st.data())
@settings(max_examples=250, deadline=None)
def test_clearance_is_the_distance_to_the_nearest_wrong_sum(
    network: Network, D: int, data: st.DataObject
) -> None:
    oracle = plain(network, D)
    x = data.draw(st.sampled_from(list(cube(D))))
    value = data.draw(st.sampled_from([-1, 1]))
    clearance = response(network).clearance(sum(x), value)
    spread = st.fractions(-1, 1, max_denominator=1000)
    reach = clearance if clearance is not None else Fraction(100)
    for _ in range(4):  # anywhere in the open ball of radius clearance / D, and near its corners
        delta = [data.draw(spread) * reach / D * (1 - TINY) for _ in range(D)]
        if reach > 0:
            assert oracle.h([a + d for a, d in zip(x, delta, strict=True)]) == value
    if clearance is not None:  # and on its boundary or just beyond, one corner is wrong
        corners = [sign * (clearance / D + beyond) for sign in (1, -1) for beyond in (0, TINY)]
        assert any(oracle.h([a + d for a in x]) != value for d in corners)


@given(networks(), st.integers(1, 3))
@settings(max_examples=200, deadline=None)
def test_no_network_exceeds_the_bound(network: Network, D: int) -> None:
    """Where f changes between neighboring attainable sums, one of them is at most 1 from a wrong value."""
    answer = response(network)
    for A, B in [(-D, D - 2), (D, D)]:
        clearances = [answer.clearance(s, target(A, B, s)) for s in attainable_sums(D)]
        assert min(value for value in clearances if value is not None) <= LARGEST_MARGIN
