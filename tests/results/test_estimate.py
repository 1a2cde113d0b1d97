"""Intervals and tests of counts of images, of areas under curves and of means over seeds."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from octrepro.results.estimate import (
    area,
    compare_paired,
    mean_proportion,
    sample_mean,
    stable,
    wilson,
)

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_wilson_of_a_published_example() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, score method without correction.
    share = wilson(81, 263)
    assert (share.low, share.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@settings(max_examples=50)
@given(st.lists(counts, min_size=1, max_size=5))
def test_mean_proportion_stays_in_the_unit_interval_and_is_never_a_point(each: list[tuple[int, int]]) -> None:
    found, first = mean_proportion(each), wilson(*each[0])
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high
    alone = mean_proportion(each[:1])
    assert (alone.low, alone.high) == pytest.approx((first.low, first.high))


def test_mean_proportion_covers() -> None:
    shares, totals = np.array([0.9, 0.05, 0.5, 0.98]), np.array([182, 55, 42, 250])
    drawn = np.random.default_rng(0).binomial(totals, shares, (500, 4)).tolist()
    found = [mean_proportion(list(zip(each, totals.tolist(), strict=True))) for each in drawn]
    covered = np.mean([each.low <= shares.mean() <= each.high for each in found])
    assert 0.93 < covered < 0.98


def test_area_has_an_interval_symmetric_in_the_logit() -> None:
    found = area(0.9, 0.05)
    logits = np.log([p / (1 - p) for p in (found.low, found.value, found.high)])
    assert np.diff(logits) == pytest.approx([1.959964 * 0.05 / 0.09] * 2)
    assert all(np.isnan(area(1.0, se).low) for se in (0.0, None))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=50))
def test_paired_comparison_counts_images_one_by_one(pairs: list[tuple[bool, bool]]) -> None:
    found = compare_paired(*np.transpose(pairs))
    fewer, more = sorted([sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)])
    assert {found.only_first, found.only_second} == {fewer, more}
    assert found.difference == found.only_first - found.only_second
    assert found.variance > 0
    # McNemar: as few of the discordant images, by fair coins, on one side or on the other.
    tail = sum(math.comb(fewer + more, k) for k in range(fewer + 1)) / 2 ** (fewer + more)
    assert found.p_value == pytest.approx(min(1, 2 * tail))


@given(st.lists(st.integers(1, 100), min_size=2, max_size=8, unique=True), st.booleans())
def test_the_mean_over_seeds_has_students_interval_ratios_as_logarithms(
    sample: list[int], is_ratio: bool
) -> None:
    found = sample_mean(sample, is_ratio=is_ratio)
    test = stats.ttest_1samp(np.log(sample) if is_ratio else sample, 0)
    ends = np.array(test.confidence_interval(0.95))
    assert (found.low, found.high) == pytest.approx(tuple(np.exp(ends) if is_ratio else ends))
    assert found.p_value(1 if is_ratio else 0) == pytest.approx(test.pvalue)


def test_stable_rounds_to_six_digits_and_has_neither_infinities_nor_negative_zero() -> None:
    assert [stable(value) for value in (1 / 3, 12345678, math.inf)] == [0.333333, 12345678, None]
    assert str(stable(-0.0)) == "0.0"
