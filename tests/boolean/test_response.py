"""Exact limits and distances against brute force with tiny rational steps."""

from fractions import Fraction
from math import isinf

from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.boolean.networks import Activation, Network
from octrepro.boolean.response import clearance, limits, pieces
from tests.boolean.oracle import TINY, cube, h, moved, steps

SMALL = st.integers(-4, 4)
DIMENSIONS = st.integers(1, 4)
ACTIVATIONS: st.SearchStrategy[Activation] = st.sampled_from(["sign", "relu"])
NETWORKS: st.SearchStrategy[Network[int]] = st.builds(Network, ACTIVATIONS, *[SMALL] * 7)


@given(NETWORKS, DIMENSIONS, st.data())
@settings(max_examples=300)
def test_limits_along_any_direction(network: Network[int], D: int, data: st.DataObject) -> None:
    """h(x + t v) for a tiny t is the one-sided limit that the sign of sum(v) selects."""
    x = data.draw(st.sampled_from(cube(D)))
    below, above = limits(network, sum(x))
    for v in [*steps(D), data.draw(st.tuples(*[SMALL] * D))]:
        expected = above if sum(v) > 0 else below if sum(v) < 0 else h(network, x)
        assert h(network, moved(x, v, TINY)) == expected


@given(NETWORKS, DIMENSIONS, st.data())
@settings(max_examples=250)
def test_clearance_is_the_distance_to_the_nearest_wrong_sum(
    network: Network[int], D: int, data: st.DataObject
) -> None:
    x = data.draw(st.sampled_from(cube(D)))
    value = data.draw(st.sampled_from([-1, 1]))
    distance = clearance(pieces(network), sum(x), value)
    reach = Fraction(100) if isinf(distance) else Fraction(distance)
    spread = st.fractions(-1, 1, max_denominator=1000)
    for _ in range(4):  # anywhere in the open ball of radius clearance / D, and near its corners
        step = [data.draw(spread) for _ in range(D)]
        if reach > 0:
            assert h(network, moved(x, step, reach / D * (1 - TINY))) == value
    if not isinf(distance):  # and on its boundary or just beyond, one corner is wrong
        corners = [sign * (reach / D + beyond) for sign in (1, -1) for beyond in (0, TINY)]
        assert any(h(network, moved(x, [1] * D, corner)) != value for corner in corners)
