from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octrepro.results.proportions import (
    PairedComparison,
    area,
    compare_paired,
    fisher,
    mean_proportion,
    wilson,
)

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
small = st.integers(0, 60)


def discordant(only_first: int, only_second: int) -> PairedComparison:
    first = np.arange(only_first + only_second) < only_first
    return compare_paired(first, ~first)


def test_wilson_of_a_published_example() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, score method without correction.
    share = wilson(81, 263)
    assert share.low == pytest.approx(0.2553, abs=5e-5)
    assert share.high == pytest.approx(0.3662, abs=5e-5)


@given(counts)
def test_wilson_interval_contains_the_share(count: tuple[int, int]) -> None:
    share = wilson(*count)
    assert 0 <= share.low <= share.value <= share.high <= 1


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_wilson_rejects_what_is_no_proportion(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="must"):
        wilson(k, n)


@given(st.lists(counts, min_size=1, max_size=5))
def test_mean_proportion_stays_in_the_unit_interval_and_is_never_a_point(each: list[tuple[int, int]]) -> None:
    found = mean_proportion(each)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high
    assert mean_proportion(each[:1]).low == pytest.approx(wilson(*each[0]).low)


def test_mean_proportion_covers() -> None:
    rng = np.random.default_rng(0)
    shares, totals = np.array([0.9, 0.05, 0.5, 0.98]), (182, 55, 42, 250)
    drawn = [
        mean_proportion([(int(rng.binomial(n, p)), n) for p, n in zip(shares, totals, strict=True)])
        for _ in range(1000)
    ]
    covered = np.mean([each.low <= shares.mean() <= each.high for each in drawn])
    assert 0.93 < covered < 0.98


def test_area_has_an_interval_symmetric_in_the_logit() -> None:
    found = area(0.9, 0.05)
    logits = [np.log(p / (1 - p)) for p in (found.low, found.value, found.high)]
    assert logits[2] - logits[1] == pytest.approx(1.959964 * 0.05 / 0.09)
    assert logits[1] - logits[0] == pytest.approx(logits[2] - logits[1])
    assert all(np.isnan(area(1.0, se).low) for se in (0.0, None))


def test_mcnemar_by_hand() -> None:
    # 10 discordant pairs, 2 to one side: 2 (1 + 10 + 45) / 1024.
    assert discordant(2, 8).p_value == pytest.approx(112 / 1024)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=50))
def test_paired_comparison_counts_images_one_by_one(pairs: list[tuple[bool, bool]]) -> None:
    first, second = (np.array(column) for column in zip(*pairs, strict=True))
    found = compare_paired(first, second)
    assert found.only_first == sum(a and not b for a, b in pairs)
    assert found.only_second == sum(b and not a for a, b in pairs)
    assert found.difference == found.only_first - found.only_second
    other = compare_paired(second, first)
    assert (other.difference, other.p_value) == (-found.difference, pytest.approx(found.p_value))
    assert other.variance == found.variance
    assert found.variance > 0


def test_paired_comparison_rejects_other_images() -> None:
    with pytest.raises(ValueError, match="not the same"):
        compare_paired(np.ones(3, dtype=bool), np.ones(4, dtype=bool))


def test_fisher_on_the_lady_tasting_tea() -> None:
    # Fisher's own example: 3 of 4 cups right in either group has two-sided p = 34/70.
    assert fisher(3, 4, 1, 4) == pytest.approx(34 / 70)


def test_fisher_is_fast_enough_for_the_real_training_set() -> None:
    found: Any = fisher(55_000, 97_477, 55_300, 97_477)
    assert 0.1 < found < 0.25
