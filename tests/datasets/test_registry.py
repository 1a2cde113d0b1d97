"""The facts about MedMNIST sets, and the sets that are refused."""

import re

import pytest

from octrepro.core import UserError
from octrepro.datasets.registry import published, usable_names


def test_the_ten_single_label_sets_can_be_used() -> None:
    assert len(usable_names()) == 10
    for name in usable_names():
        known = published(name)
        assert known.url.startswith("https://")
        assert re.fullmatch("md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", known.hash)
        assert known.channels in (1, 3)
        assert len(known.classes) >= 2
        assert set(known.samples) == {"train", "val", "test"}
        assert "Scientific Data 10, 41" in known.citation


def test_octmnist_follows_the_protocol() -> None:
    known = published("octmnist")
    assert known.test_per_class == [182, 55, 42, 250]
    assert known.size_limit > 54_938_180


@pytest.mark.parametrize(("name", "why"), [("chestmnist", "multi-label"), ("retinamnist", "ordinal")])
def test_sets_of_other_tasks_are_refused(name: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        published(name)


def test_a_misspelt_name_gets_a_suggestion() -> None:
    with pytest.raises(UserError, match="did you mean 'octmnist'"):
        published("octmist")
