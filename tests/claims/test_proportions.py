import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from octrepro.claims.statistics.proportions import (
    compare_paired,
    difference_interval,
    fisher,
    gap_difference,
    mcnemar,
    wilson,
)

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
small = st.integers(0, 60)


def test_wilson_of_a_published_example() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, score method without correction.
    share = wilson(81, 263)
    assert share.low == pytest.approx(0.2553, abs=5e-5)
    assert share.high == pytest.approx(0.3662, abs=5e-5)


@given(counts)
def test_wilson_is_scipys(count: tuple[int, int]) -> None:
    ours = wilson(*count)
    theirs = stats.binomtest(*count).proportion_ci(0.95, method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@given(counts)
def test_wilson_stays_in_the_unit_interval_and_around_the_share(count: tuple[int, int]) -> None:
    share = wilson(*count)
    assert 0 <= share.low <= share.value <= share.high <= 1


@given(counts)
def test_wilson_mirrors_when_successes_and_failures_swap(count: tuple[int, int]) -> None:
    k, n = count
    ours, mirrored = wilson(k, n), wilson(n - k, n)
    assert (ours.low, ours.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-12)


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_wilson_refuses_what_is_no_proportion(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson(k, n)


def test_mcnemar_by_hand() -> None:
    # 10 discordant pairs, 2 to one side: 2 (1 + 10 + 45) / 1024.
    assert mcnemar(2, 8) == pytest.approx(112 / 1024)


@given(small, small)
def test_mcnemar_is_symmetric_and_scipys_binomial_test(b: int, c: int) -> None:
    assert mcnemar(b, c) == mcnemar(c, b)
    expected = stats.binomtest(b, b + c).pvalue if b + c else 1.0
    assert mcnemar(b, c) == pytest.approx(expected)


def test_mcnemar_by_enumeration() -> None:
    throws = list(itertools.product((0, 1), repeat=9))
    for b in range(10):
        as_far = sum(abs(sum(throw) - 4.5) >= abs(b - 4.5) for throw in throws)
        assert mcnemar(b, 9 - b) == pytest.approx(as_far / len(throws))


@given(small, small)
def test_interval_of_the_difference_leaves_out_zero_just_when_mcnemar_rejects(b: int, c: int) -> None:
    low, high = difference_interval(b, c)
    assert -(b + c) <= low <= b - c <= high <= b + c
    assert (low > 0 or high < 0) == (mcnemar(b, c) < 0.05)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=50))
def test_paired_comparison_counts_images_one_by_one(pairs: list[tuple[bool, bool]]) -> None:
    first, second = (np.array(column) for column in zip(*pairs, strict=True))
    found = compare_paired(first, second)
    assert found.only_first == sum(a and not b for a, b in pairs)
    assert found.only_second == sum(b and not a for a, b in pairs)
    assert found.difference == found.only_first - found.only_second
    other = compare_paired(second, first)
    assert (other.difference, other.p_value) == (-found.difference, found.p_value)
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low))


def test_paired_comparison_refuses_other_images() -> None:
    with pytest.raises(ValueError, match="not the same"):
        compare_paired(np.ones(3, dtype=bool), np.ones(4, dtype=bool))


def test_fisher_on_the_lady_tasting_tea() -> None:
    # Fisher's own example: 3 of 4 cups right in either group has two-sided p = 34/70.
    assert fisher(3, 4, 1, 4) == pytest.approx(34 / 70)


@given(counts, counts)
def test_fisher_is_scipys(first: tuple[int, int], second: tuple[int, int]) -> None:
    table = [[first[0], first[1] - first[0]], [second[0], second[1] - second[0]]]
    assert fisher(*first, *second) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)


def test_fisher_bears_the_real_training_set() -> None:
    table = [[55_000, 42_477], [55_300, 42_177]]
    expected = stats.fisher_exact(table).pvalue
    assert fisher(55_000, 97_477, 55_300, 97_477) == pytest.approx(expected, rel=1e-6)


def test_gap_difference_takes_test_from_train() -> None:
    first = np.arange(529) < 400
    second = np.arange(529) < 360
    gap, p = gap_difference(1800, 1500, 2000, compare_paired(first, second))
    assert gap.value == pytest.approx(300 / 2000 - 40 / 529)
    assert gap.low < gap.value < gap.high
    assert gap.value - gap.low == pytest.approx(gap.high - gap.value)
    assert (gap.low > 0) == (p < 0.05)


def test_gap_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    trials = 1000
    for _ in range(trials):
        # Images differ in difficulty, so the two models' answers on one image go together.
        hard = rng.random(529) < 0.3
        first = rng.random(529) < np.where(hard, 0.3, 0.9)
        second = rng.random(529) < np.where(hard, 0.2, 0.8)
        gap, _ = gap_difference(
            rng.binomial(2000, 0.9), rng.binomial(2000, 0.7), 2000, compare_paired(first, second)
        )
        covered += gap.low <= 0.2 - 0.1 <= gap.high
    assert 0.92 * trials <= covered <= 0.98 * trials
