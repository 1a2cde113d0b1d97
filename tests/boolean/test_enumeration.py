"""The vectorised comparison against the plainest Python, for any weights and any size of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.boolean import enumeration
from octrepro.boolean.enumeration import compare
from octrepro.boolean.networks import Activation, Network, intervals, vertex
from tests.boolean.oracle import Plain, cube, f, ranges

ENTRIES = st.one_of(st.integers(-6, 6), st.sampled_from([2**31, -(2**62), 2**63, 2**64 + 1, -(10**30)]))


@st.composite
def networks(draw: st.DrawFn, entries: st.SearchStrategy[int] = ENTRIES) -> tuple[Network, Plain]:
    """A network whose D weights differ from one another, in the library's form and in the oracle's."""
    D = draw(st.integers(1, 5))
    activation: Activation = draw(st.sampled_from(["sign", "relu"]))
    first, second = (tuple(draw(entries) for _ in range(D)) for _ in range(2))
    W1 = (first, second)
    b1, W2, b2 = (draw(entries), draw(entries)), (draw(entries), draw(entries)), draw(entries)
    return Network(activation, W1, b1, W2, b2), Plain(activation, W1, b1, W2, b2)


@given(networks(), st.data())
@settings(max_examples=300, deadline=None)
def test_counts_are_those_of_the_definition(pair: tuple[Network, Plain], data: st.DataObject) -> None:
    network, plain = pair
    D = network.dimension
    A, B = data.draw(st.sampled_from(list(intervals(D))))
    wrong = [index for index, x in enumerate(cube(D)) if plain.h(x) != f(x, A, B)]
    count = compare(network, A, B)
    assert (count.evaluated, count.mismatches) == (2**D, len(wrong))
    assert count.first_mismatch == (wrong[0] if wrong else None)


@given(networks())
@settings(deadline=None)
def test_a_point_is_evaluated_as_defined(pair: tuple[Network, Plain]) -> None:
    network, plain = pair
    for x in cube(network.dimension):
        assert network(x) == plain.h(x)


@pytest.mark.parametrize("block", [1, 2, 7, 64])
def test_blocks_do_not_change_the_answer(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network("relu", ((3, -1, 4, 1, -5), (2, 7, -1, 8, 2)), (1, -8), (-1, 2), -3)
    whole = compare(network, -1, 3)
    monkeypatch.setattr(enumeration, "BLOCK", block)
    assert compare(network, -1, 3) == whole
    assert whole.mismatches > 0


def test_vertices_come_in_lexicographic_order() -> None:
    for D in range(1, 6):
        assert [vertex(index, D) for index in range(2**D)] == list(cube(D))


def test_intervals_come_in_order() -> None:
    assert [(D, A, B) for D in range(1, 5) for A, B in intervals(D)] == list(ranges(4))
