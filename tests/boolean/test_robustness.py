"""Exact limits and radii against brute force with tiny rational steps along axes and random directions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.boolean.expressions import parse_expression
from octrepro.boolean.networks import Activation, Family, Network, target
from octrepro.boolean.report import LARGEST_MARGIN
from octrepro.boolean.robustness import attainable_sums, representative, response
from octrepro.boolean.verification import verify
from tests.boolean.constructions import shipped
from tests.boolean.oracle import TINY, Plain, cube, f, mismatches, moved, ranges, robust, steps

SMALL = st.integers(-4, 4)
RATIONAL = st.fractions(-7, 7, max_denominator=12)


@st.composite
def networks(draw: st.DrawFn, largest: int = 4) -> Network:
    """A network of small integers whose hidden units weigh all inputs alike."""
    D = draw(st.integers(1, largest))
    w1, w2, b1, b2, v1, v2, c = (draw(SMALL) for _ in range(7))
    activation: Activation = draw(st.sampled_from(["sign", "relu"]))
    return Network(activation, ((w1,) * D, (w2,) * D), (b1, b2), (v1, v2), c)


def plain(network: Network) -> Plain:
    return Plain(
        network.activation,
        network.hidden_weights,
        network.hidden_biases,
        network.output_weights,
        network.output_bias,
    )


@given(networks(), st.data())
@settings(max_examples=300, deadline=None)
def test_h_is_the_response_to_the_sum(network: Network, data: st.DataObject) -> None:
    """At any rational point, on a breakpoint or off it, h is what the response says of the sum."""
    x = [data.draw(RATIONAL) for _ in range(network.dimension)]
    answer = response(network)
    if data.draw(st.booleans()) and answer.breakpoints:
        x[0] += data.draw(st.sampled_from(answer.breakpoints)) - sum(x)
    s = sum(x)
    if s in answer.breakpoints:
        expected = answer.at[answer.breakpoints.index(s)]
    else:
        expected = answer.between[sum(p < s for p in answer.breakpoints)]
    assert plain(network).h(x) == expected


@given(networks(), st.data())
@settings(max_examples=300, deadline=None)
def test_limits_along_any_direction(network: Network, data: st.DataObject) -> None:
    """h(x + t v) for a tiny t is the one-sided limit that the sign of sum(v) selects."""
    D, oracle = network.dimension, plain(network)
    x = data.draw(st.sampled_from(list(cube(D))))
    below, above = response(network).limits(sum(x))
    random = data.draw(st.tuples(*[SMALL] * D))
    directions = [*steps(D), random]
    for v in directions:
        expected = above if sum(v) > 0 else below if sum(v) < 0 else oracle.h(x)
        assert oracle.h(moved(x, v, TINY)) == expected


@given(networks(), st.data())
@settings(max_examples=250, deadline=None)
def test_clearance_is_the_distance_to_the_nearest_wrong_sum(network: Network, data: st.DataObject) -> None:
    D, oracle = network.dimension, plain(network)
    s = data.draw(st.sampled_from(attainable_sums(D)))
    value = data.draw(st.sampled_from([-1, 1]))
    clearance = response(network).clearance(s, value)
    x = representative(D, s)
    spread = st.fractions(-1, 1, max_denominator=1000)
    reach = clearance if clearance is not None else Fraction(100)
    for _ in range(4):  # anywhere in the open ball of radius clearance / D, and near its corners
        delta = [data.draw(spread) * reach / D * (1 - TINY) for _ in range(D)]
        if reach > 0:
            assert oracle.h([a + d for a, d in zip(x, delta, strict=True)]) == value
    if clearance is not None:  # and on its boundary or just beyond, one corner is wrong
        corners = [sign * (clearance / D + beyond) for sign in (1, -1) for beyond in (0, TINY)]
        assert any(oracle.h([a + d for a in x]) != value for d in corners)


@st.composite
def families(draw: st.DrawFn) -> tuple[Family, list[tuple[int, int, int, int]]]:
    """Weights and biases a A + b B + c D + d: near-misses of the constructions that compute f, mostly."""
    relu = draw(st.booleans())
    lean = -1 if relu else 1
    scale = draw(st.integers(1, 3))
    nudge = st.sampled_from([-1, 0, 0, 1])
    rows = [
        (0, 0, 0, lean * scale),
        (-lean * scale, 0, 0, draw(st.integers(-2, 2))),
        (0, 0, 0, -lean * scale),
        (0, lean * scale, 0, draw(st.integers(-2, 2))),
        (0, 0, 0, lean),
        (0, 0, 0, lean),
        (0, 0, 0, (0 if relu else -1) + draw(nudge)),
    ]
    parsed = [parse_expression(f"({a})*A + ({b})*B + ({c})*D + ({d})") for a, b, c, d in rows]
    w1, b1, w2, b2, v1, v2, c = parsed
    activation: Activation = "relu" if relu else "sign"
    return Family("random", "Random", "own", activation, ((w1, b1), (w2, b2)), (v1, v2, c)), rows


@given(families())
@settings(max_examples=120, deadline=None)
def test_verdict_on_any_family(case: tuple[Family, list[tuple[int, int, int, int]]]) -> None:
    """Verdict, first counterexample and robustness of near-misses, against the definitions."""
    family, rows = case

    def make(D: int, A: int, B: int) -> Plain:
        w1, b1, w2, b2, v1, v2, c = (a * A + b * B + c * D + d for a, b, c, d in rows)
        return Plain(family.activation, ((w1,) * D, (w2,) * D), (b1, b2), (v1, v2), c)

    found, wrong = verify(family, 2), mismatches(make, 2)
    assert found.mismatches == len(wrong)
    place = found.first_counterexample
    assert (None if place is None else (place.dimension, place.A, place.B, place.x)) == (
        wrong[0] if wrong else None
    )
    assert found.robust == robust(make, 2)
    assert found.robust == (found.radius > 0)
    assert found.margin <= LARGEST_MARGIN


@pytest.mark.parametrize(
    "name", ["corrected_sign_robust", "corrected_relu_robust", "own_sign_parity", "own_relu_parity"]
)
def test_radius_of_the_robust_ones_by_brute_force(name: str) -> None:
    """Corners of the ball are right just inside the radius everywhere, and one is wrong just outside."""
    family = shipped()[name]
    radii = verify(family, 3).radii
    outside = dict.fromkeys(radii, False)
    for D, A, B in ranges(3):
        oracle = plain(family.at(D, A, B))
        for x in cube(D):
            for corner in cube(D):
                inside = [a + (radii[D] - TINY) * d for a, d in zip(x, corner, strict=True)]
                assert oracle.h(inside) == f(x, A, B)
                beyond = [a + (radii[D] + TINY) * d for a, d in zip(x, corner, strict=True)]
                outside[D] |= oracle.h(beyond) != f(x, A, B)
    assert all(outside.values())


@given(networks(largest=3))
@settings(max_examples=200, deadline=None)
def test_no_network_passes_the_bound(network: Network) -> None:
    """Where f changes between neighbouring attainable sums, one of them is at most 1 from a wrong value."""
    D, answer = network.dimension, response(network)
    for A, B in [(-D, D - 2), (D, D)]:
        clearances = [answer.clearance(s, target(A, B, s)) for s in attainable_sums(D)]
        assert min(value for value in clearances if value is not None) <= LARGEST_MARGIN


def test_unequal_weights_have_no_response() -> None:
    with pytest.raises(ValueError, match="no function of the sum"):
        response(Network("sign", ((1, 2), (1, 1)), (0, 0), (1, 1), 0))
