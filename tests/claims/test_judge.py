"""Effect and region to verdict, for one run and over seeds, and all claims taken together."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from octrepro.claims import judge_all
from octrepro.claims.claim import Build, Claim, Subject
from octrepro.claims.effect import Effect, Region, Verdict, single, verdict
from octrepro.claims.judge import holm
from octrepro.claims.ledger.q2_2a import gap_difference
from octrepro.core.records import RunRecord
from octrepro.results.estimate import Estimate, UndeterminedError, t_estimate
from octrepro.results.proportions import compare_paired
from tests.claims.judging import entry
from tests.claims.made import all_records, record, replicated

SUBJECT = Subject("mlp", "the MLP")


def effect(*parts: Estimate, **changes: str) -> Effect:
    return Effect("size", "m", parts, "t", "It is so.", **changes)  # type: ignore[arg-type]


def interval(low: float, high: float) -> Estimate:
    """A normal estimate with this 95 % interval."""
    return t_estimate((low + high) / 2, (high - low) / 2 / float(stats.norm.ppf(0.975)), math.inf)


@pytest.mark.parametrize(
    ("region", "ends", "expected"),
    [
        (Region(above=0), (1, 3), "holds"),
        (Region(above=0), (-1, 3), "inconclusive"),
        (Region(above=0), (-3, -1), "fails"),
        (Region(below=0), (-3, -1), "holds"),
        (Region(below=0), (1, 3), "fails"),
        (Region(above=0.5, below=1), (0.6, 0.9), "holds"),
        (Region(above=0.5, below=1), (0.4, 0.9), "inconclusive"),
        (Region(above=0.5, below=1), (0.2, 0.4), "fails"),
        (Region(above=0.5, below=1), (1.1, 1.4), "fails"),
        (Region(above=0.5, below=1), (0.2, 1.4), "inconclusive"),
    ],
)
def test_claim_holds_where_the_whole_interval_does(
    region: Region, ends: tuple[float, float], expected: str
) -> None:
    assert verdict(region.p_values(effect(interval(*ends)))) == expected


def test_p_values_of_several_parts() -> None:
    region = Region(above=0)
    inside, outside, barely_outside = interval(1, 3), interval(-3, -1), interval(-3, -0.01)
    assert verdict(region.p_values(effect(inside, inside))) == Verdict.HOLDS
    assert verdict(region.p_values(effect(inside, interval(-1, 3)))) == Verdict.INCONCLUSIVE
    assert verdict(region.p_values(effect(inside, outside))) == Verdict.FAILS
    assert verdict(region.p_values(effect(barely_outside))) == Verdict.FAILS
    assert verdict(region.p_values(effect(inside, barely_outside))) == Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("value", "expected"), [(1.0, "holds"), (0.0, "fails")])
def test_facts_have_a_verdict_without_a_test(value: float, expected: str) -> None:
    claim = Claim("x", "1", "s", lambda build: effect(*single(value), kind="exact"), Region(above=0))
    found = entry(claim, {})
    assert (found["verdict"], found["kind"], found["p_value"]) == (expected, "exact", None)
    assert (found["effect"]["low"], found["effect"]["high"]) == (None, None)


def test_holm_is_that_of_a_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_holm_adjusts_tested_claims_only() -> None:
    def claim(name: str, found: Effect) -> Claim:
        return Claim(name, "1", "s", lambda build: found, Region(above=0))

    barely = claim("barely", effect(interval(0.01, 2)))
    open_ = [claim(f"open{index}", effect(interval(-1, 1.5))) for index in range(3)]
    facts = [claim(f"fact{index}", effect(*single(1.0), kind="exact")) for index in range(3)]
    alone, *_ = judge_all([barely, *facts], Build({}, {}))
    assert (alone["verdict"], alone["p_adjusted"]) == ("holds", alone["p_value"])
    together, *_ = judge_all([barely, *open_], Build({}, {}))
    assert together["verdict"] == "inconclusive"
    assert together["p_adjusted"] == pytest.approx(4 * alone["p_value"], rel=1e-4)
    assert "among all claims tested it does not" in together["sentence"]


def test_undetermined_effect_is_inconclusive_and_says_why() -> None:
    def measure(build: Build) -> Effect:
        raise UndeterminedError("there is too little light")

    found = entry(Claim("x", "1", "s", measure, Region(above=0)), {})
    assert found["verdict"] == "inconclusive"
    assert found["sentence"] == "This cannot be judged here: there is too little light."


def test_numbers_are_rounded_and_never_infinite() -> None:
    found = Effect("x", "m", single(math.inf), "t", kind="exact", evidence={"third": 1 / 3})
    judged = entry(Claim("x", "1", "s", lambda build: found, Region(above=0)), {})
    assert judged["evidence"] == {"third": 0.333333}
    assert judged["effect"]["value"] is None


def batch_claim(small: RunRecord, large: RunRecord) -> dict[str, object]:
    records = all_records(feedforward=small, feedforward_batch1024=large)
    return entry("small_batch_more_accurate", records)


def test_one_seed_is_judged_as_one_training_run() -> None:
    found = batch_claim(record("feedforward"), record("feedforward_batch1024"))
    assert found["seeds"] == 1
    assert "Over" not in str(found["sentence"])


def test_seeds_are_paired_and_averaged() -> None:
    # Each seed moves both runs by far more than they differ.
    found = batch_claim(
        replicated("feedforward", [205, 303, 404, 256], 305),
        replicated("feedforward_batch1024", [200, 300, 400, 250], 300),
    )
    differences = [5, 5, 3, 4, 6]
    mean, p_value = np.mean(differences), stats.ttest_1samp(differences, 0).pvalue
    assert (found["verdict"], found["seeds"]) == ("holds", 5)
    assert isinstance(found["effect"], dict)
    assert found["effect"]["value"] == pytest.approx(mean)
    assert found["p_value"] == pytest.approx(p_value, rel=1e-5)
    assert "Over 5 seeds" in str(found["sentence"])
    assert "in 5 of 5 seeds" in str(found["sentence"])
    assert "of the last 2 epochs" not in str(found["sentence"])


def test_difference_of_one_seed_alone_decides_nothing() -> None:
    found = batch_claim(
        replicated("feedforward", [300, 290, 310, 305], 350),
        replicated("feedforward_batch1024", [305, 300, 300, 300], 300),
    )
    assert found["verdict"] == "inconclusive"


def test_diverged_seeds_are_left_out_and_counted() -> None:
    small = replicated("feedforward", [341, 352, 346], 350)
    large = replicated("feedforward_batch1024", [300, 310, 301], 300)
    large.replicates[1].metrics.update({"diverged": True, "diverged_epoch": 1})
    found = batch_claim(small, large)
    assert found["seeds"] == 3
    assert "Over 3 seeds (1 more diverged)" in str(found["sentence"])


def test_of_several_comparisons_over_seeds_the_least_favorable_is_named() -> None:
    records = all_records(
        feedforward_long_dropout=replicated("feedforward_long_dropout", [340, 344, 341], 342),
        # Surely behind dropout; behind it on average alone.
        feedforward_long_l2=replicated("feedforward_long_l2", [330, 334, 331], 332),
        feedforward_long=replicated("feedforward_long", [300, 360, 310], 320),
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

    claim = Claim("x", "1", "s", measure, Region(above=0), subjects=(SUBJECT,))
    found = entry(claim, all_records(mlp=replicated("mlp", [310, 290, 280], 300)))
    assert found["verdict"] == "inconclusive"
    assert "there is too little light (in 2 of 4 seeds)" in found["sentence"]


def test_what_is_observed_of_one_run_is_tested_over_seeds() -> None:
    def measure(build: Build) -> Effect:
        return effect(*single(build.records["mlp"].metrics["test_correct"] - 300), kind="observed")

    claim = Claim("x", "1", "s", measure, Region(above=0), subjects=(SUBJECT,))
    found = entry(claim, all_records(mlp=replicated("mlp", [304, 302, 305], 303)))
    assert (found["verdict"], found["kind"]) == ("holds", "tested")
    # Equal counts are equal to within half a unit: four seeds do not make them certain.
    found = entry(claim, all_records(mlp=replicated("mlp", [302, 302, 302], 302)))
    assert found["p_value"] == pytest.approx(2 * stats.t.sf(2 / math.sqrt(1 / 12 / 4), 3), rel=1e-5)


def test_runs_from_different_seeds_are_not_compared() -> None:
    found = batch_claim(
        replicated("feedforward", [1, 2, 3], 4), replicated("feedforward_batch1024", [1, 2], 4)
    )
    assert "trained from different seeds" in str(found["sentence"])


def test_gap_difference_takes_test_from_train() -> None:
    test = compare_paired(np.arange(529) < 400, np.arange(529) < 360)
    gap = gap_difference(1800, 1500, 2000, test)
    assert gap.value == pytest.approx(100 * (300 / 2000 - 40 / 529))
    assert (gap.low > 0) == (gap.p_value(0) < 0.05)


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
