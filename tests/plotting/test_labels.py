from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from octrepro.plotting import spread

places = st.lists(st.floats(0, 100), min_size=1, max_size=6)


@given(places, st.floats(1, 15))
def test_labels_never_cover_each_other_and_keep_their_order(positions, gap):
    moved = spread(positions, gap, 0, 100)
    ordered = [new for _, new in sorted(zip(positions, moved, strict=True))]
    assert all(after - before >= gap - 1e-9 for before, after in pairwise(ordered))


@given(places, st.floats(1, 15))
def test_labels_stay_inside_where_they_fit(positions, gap):
    moved = spread(positions, gap, 0, 100)
    assert min(moved) >= -1e-9
    assert max(moved) <= 100 + 1e-9


def test_labels_that_are_apart_stay_where_they_are():
    assert spread([10.0, 80.0, 40.0], 12, 0, 100) == [10.0, 80.0, 40.0]


def test_labels_at_one_place_part_evenly():
    assert spread([50.0, 50.0, 50.0], 10, 0, 100) == [40.0, 50.0, 60.0]
