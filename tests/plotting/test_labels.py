from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from octrepro.plotting import separate

places = st.lists(st.floats(0, 100), min_size=1, max_size=6)


@settings(deadline=None)  # the first case imports SciPy
@given(places, st.floats(1, 15))
def test_labels_do_not_overlap_and_keep_their_order(positions, gap):
    moved = separate(positions, gap, 0, 100)
    ordered = [new for _, new in sorted(zip(positions, moved, strict=True))]
    assert all(after - before >= gap - 1e-9 for before, after in pairwise(ordered))


@settings(deadline=None)  # the first case imports SciPy
@given(places, st.floats(1, 15))
def test_labels_stay_inside_where_they_fit(positions, gap):
    moved = separate(positions, gap, 0, 100)
    assert min(moved) >= -1e-9
    assert max(moved) <= 100 + 1e-9


def test_keeps_labels_that_do_not_overlap():
    assert separate([10.0, 80.0, 40.0], 12, 0, 100) == [10.0, 80.0, 40.0]


def test_spaces_coinciding_labels_evenly():
    assert separate([50.0, 50.0, 50.0], 10, 0, 100) == [40.0, 50.0, 60.0]
