from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.plotting.labels import separate


@settings(deadline=None)  # the first case imports SciPy
@given(st.lists(st.floats(0, 100), min_size=1, max_size=6), st.floats(1, 15))
def test_labels_keep_apart_in_order_and_inside(positions, gap):
    moved = separate(positions, gap, 0, 100)
    ordered = [new for _, new in sorted(zip(positions, moved, strict=True))]
    assert all(after - before >= gap - 1e-9 for before, after in pairwise(ordered))
    assert min(moved) >= -1e-9
    assert max(moved) <= 100 + 1e-9


@pytest.mark.parametrize(
    ("positions", "moved"), [([10.0, 80.0, 40.0], [10.0, 80.0, 40.0]), ([50.0] * 3, [40.0, 50.0, 60.0])]
)
def test_labels_move_no_more_than_they_must(positions, moved):
    assert separate(positions, 10, 0, 100) == moved
