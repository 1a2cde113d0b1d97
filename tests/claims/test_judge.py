"""Effect and region to verdict, for one run and over seeds, and all claims taken together."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from octrepro.claims import judge_all
from octrepro.claims.claim import Build, Claim, Effect, Region, Subject, single
from octrepro.claims.judge import holm, verdict
from octrepro.claims.ledger.q2_2a import gap_difference
from octrepro.core.records import RunRecord
from octrepro.results.estimate import Estimate, UndeterminedError, t_estimate
from octrepro.results.proportions import compare_paired
from tests.claims.judging import entry
from tests.results.synthetic import all_records, replicated

SMALL, LARGE = "feedforward", "feedforward_batch1024"
ABOVE, BELOW, BETWEEN = Region(above=0), Region(below=0), Region(above=0.5, below=1)


def effect(*parts: Estimate, **changes: Any) -> Effect:
    return Effect("size", "m", dict(zip("abc", parts, strict=False)), "t", "It is so.", **changes)


def fact(value: float, kind: str = "exact", **changes: Any) -> Effect:
    return effect(*single(value).values(), kind=kind, **changes)


def claim(found: Effect, name: str = "x") -> Claim:
    return Claim(name, "1", "s", lambda build: found)


def interval(low: float, high: float) -> Estimate:
    """A normal estimate with this 95 % interval."""
    return t_estimate((low + high) / 2, (high - low) / 2 / float(stats.norm.ppf(0.975)), math.inf)


@pytest.mark.parametrize(
    ("region", "intervals", "expected"),
    [
        (ABOVE, [(1, 3)], "holds"),
        (ABOVE, [(-1, 3)], "inconclusive"),
        (ABOVE, [(-3, -1)], "fails"),
        (BELOW, [(-3, -1)], "holds"),
        (BELOW, [(1, 3)], "fails"),
        (BETWEEN, [(0.6, 0.9)], "holds"),
        (BETWEEN, [(0.4, 0.9)], "inconclusive"),
        (BETWEEN, [(0.2, 0.4)], "fails"),
        (BETWEEN, [(1.1, 1.4)], "fails"),
        (BETWEEN, [(0.2, 1.4)], "inconclusive"),
        (ABOVE, [(1, 3), (1, 3)], "holds"),
        (ABOVE, [(1, 3), (-1, 3)], "inconclusive"),
        (ABOVE, [(1, 3), (-3, -1)], "fails"),
        # What fails alone does not where it is the worse of two.
        (ABOVE, [(-3, -0.01)], "fails"),
        (ABOVE, [(1, 3), (-3, -0.01)], "inconclusive"),
    ],
)
def test_claim_holds_where_all_of_each_interval_does(
    region: Region, intervals: list[tuple[float, float]], expected: str
) -> None:
    assert verdict(region.p_values([interval(*ends) for ends in intervals])) == expected


@pytest.mark.parametrize(("value", "expected"), [(1.0, "holds"), (0.0, "fails"), (-1.0, "fails")])
@pytest.mark.parametrize("kind", ["exact", "observed"])
def test_facts_have_a_verdict_without_a_test(value: float, expected: str, kind: str) -> None:
    found = entry(claim(fact(value, kind)), {})
    assert (found["verdict"], found["kind"], found["p_value"]) == (expected, kind, None)
    assert (found["effect"]["low"], found["effect"]["high"]) == (None, None)


def test_holm_adjusts_tested_claims_only() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])  # a worked example
    barely = claim(effect(interval(0.01, 2)), "barely")
    open_ = [claim(effect(interval(-1, 1.5)), f"open{index}") for index in range(3)]
    facts = [claim(fact(1.0), f"fact{index}") for index in range(3)]
    alone, *_ = judge_all([barely, *facts], Build({}, {}))
    assert (alone["verdict"], alone["p_adjusted"]) == ("holds", alone["p_value"])
    together, *_ = judge_all([barely, *open_], Build({}, {}))
    assert together["verdict"] == "inconclusive"
    assert together["p_adjusted"] == pytest.approx(4 * alone["p_value"], rel=1e-4)
    assert "among all claims tested it does not" in together["sentence"]


def batch_claim(small: RunRecord, large: RunRecord) -> dict[str, Any]:
    return entry("small_batch_more_accurate", all_records(small, large))


def test_one_seed_is_judged_as_one_training_run() -> None:
    # Replicates of one of the two runs, or from seeds that they do not share, are not paired.
    found = batch_claim(replicated(SMALL, 300, 310), replicated(LARGE, 300))
    assert found["seeds"] == 1
    assert "Over" not in found["sentence"]


def test_seeds_are_paired_and_averaged() -> None:
    # Each seed moves both runs by far more than they differ.
    found = batch_claim(
        replicated(SMALL, 305, 205, 303, 404, 256), replicated(LARGE, 300, 200, 300, 400, 250)
    )
    differences = [5, 5, 3, 4, 6]
    assert (found["verdict"], found["seeds"]) == ("holds", 5)
    assert found["effect"]["value"] == pytest.approx(np.mean(differences))
    assert found["p_value"] == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, rel=1e-5)
    assert "Over 5 seeds" in found["sentence"]
    assert "in 5 of 5 seeds" in found["sentence"]
    assert "of the last 2 epochs" not in found["sentence"]


def test_difference_of_one_seed_alone_decides_nothing() -> None:
    found = batch_claim(
        replicated(SMALL, 350, 300, 290, 310, 305), replicated(LARGE, 300, 305, 300, 300, 300)
    )
    assert found["verdict"] == "inconclusive"


def test_diverged_seeds_are_left_out_and_counted() -> None:
    large = replicated(LARGE, 300, 300, 310, 301)
    large.replicates[1].metrics.update({"diverged": True, "diverged_epoch": 1})
    found = batch_claim(replicated(SMALL, 350, 341, 352, 346), large)
    assert found["seeds"] == 3
    assert "Over 3 seeds (1 more diverged)" in found["sentence"]


def test_of_several_comparisons_over_seeds_the_least_favorable_is_named() -> None:
    records = all_records(
        replicated("feedforward_long_dropout", 342, 340, 344, 341),
        # Surely behind dropout; behind it on average alone.
        replicated("feedforward_long_l2", 332, 330, 334, 331),
        replicated("feedforward_long", 320, 300, 360, 310),
    )
    found = entry("dropout_best_test_accuracy", records)
    assert found["verdict"] == "inconclusive"
    assert (
        "classified correctly (dropout over the default, the least favorable of 2) is $19.2$ images"
        in found["sentence"]
    )
    assert "in 3 of 4 seeds the numbers are on the claim's side." in found["sentence"]


def test_seeds_that_cannot_be_judged_leave_the_claim_open() -> None:
    def measure(build: Build) -> Effect:
        if build.records["mlp"].metrics["test_correct"] < 300:
            raise UndeterminedError("there is too little light")
        return effect(interval(1, 2))

    unsure = Claim("x", "1", "s", measure, subjects=(Subject("mlp", "the MLP"),))
    found = entry(unsure, all_records(replicated("mlp", 300, 310, 290, 280)))
    assert found["verdict"] == "inconclusive"
    assert "cannot be judged here: there is too little light (in 2 of 4 seeds)." in found["sentence"]
    assert (found["evidence"], found["effect"], found["p_value"]) == ({}, None, None)


def test_what_is_observed_of_one_run_is_tested_over_seeds() -> None:
    def measure(build: Build) -> Effect:
        return fact(build.records["mlp"].metrics["test_correct"] - 300, "observed")

    observed = Claim("x", "1", "s", measure, subjects=(Subject("mlp", "the MLP"),))
    found = entry(observed, all_records(replicated("mlp", 303, 304, 302, 305)))
    assert (found["verdict"], found["kind"]) == ("holds", "tested")
    # Equal counts are equal to within half a unit: four seeds do not make them certain.
    found = entry(observed, all_records(replicated("mlp", 302, 302, 302, 302)))
    assert found["p_value"] == pytest.approx(2 * stats.t.sf(2 / math.sqrt(1 / 12 / 4), 3), rel=1e-5)


def test_gap_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(7)
    covered, trials = 0, 1000
    for _ in range(trials):
        # Images differ in difficulty, so the two models' answers on one image go together.
        hard = rng.random(529) < 0.3
        first = rng.random(529) < np.where(hard, 0.3, 0.9)
        second = rng.random(529) < np.where(hard, 0.2, 0.8)
        test = compare_paired(first, second)
        gap = gap_difference(rng.binomial(2000, 0.9), rng.binomial(2000, 0.7), 2000, test)
        covered += gap.low <= 100 * (0.2 - 0.1) <= gap.high
    assert 0.92 * trials <= covered <= 0.98 * trials
