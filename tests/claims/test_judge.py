"""Effect and region to verdict, for one run and over seeds, and all claims taken together."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from octrepro.claims import judge_all, ledger
from octrepro.claims.claim import Build, Claim, Effect, Region, Subject, single
from octrepro.claims.judge import holm, verdict
from octrepro.core.records import RunRecord
from octrepro.results.estimate import Estimate, UndeterminedError, t_estimate
from tests.records import TEST, all_records, diverged, judged, record, replicated

SMALL, LARGE = "feedforward", "feedforward_batch1024"
ABOVE, BELOW, BETWEEN = Region(above=0), Region(below=0), Region(above=0.5, below=1)


def interval(low: float, high: float) -> Estimate:
    """A normal estimate with this 95 % interval."""
    return t_estimate((low + high) / 2, (high - low) / 2 / float(stats.norm.ppf(0.975)), math.inf)


@pytest.mark.parametrize(
    ("region", "intervals", "expected"),
    [
        (ABOVE, [(1, 3)], "holds"),
        (ABOVE, [(-1, 3)], "inconclusive"),
        (BELOW, [(-3, -1)], "holds"),
        (BELOW, [(1, 3)], "fails"),
        (BETWEEN, [(0.6, 0.9)], "holds"),
        (BETWEEN, [(0.4, 0.9)], "inconclusive"),
        (BETWEEN, [(1.1, 1.4)], "fails"),
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


def test_holm_adjusts_tested_claims_only() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])  # a worked example

    def claim(name: str, part: Estimate, kind: Any = "tested") -> Claim:
        return Claim(name, "1", "s", lambda build: Effect("size", "m", {"": part}, "t", "It is so.", kind))

    barely = claim("barely", interval(0.01, 2))
    others = [claim(f"open{index}", interval(-1, 1.5)) for index in range(3)]
    facts = [claim(kind, single(1.0)[""], kind) for kind in ("exact", "observed")]
    alone, *_ = judge_all([barely, *facts], Build({}, {}))
    assert (alone["verdict"], alone["p_adjusted"]) == ("holds", alone["p_value"])
    together, *_ = judge_all([barely, *others], Build({}, {}))
    assert together["verdict"] == "inconclusive"
    assert together["p_adjusted"] == pytest.approx(4 * alone["p_value"], rel=1e-4)
    assert "among all claims tested it does not" in together["sentence"]


def batch_claim(small: RunRecord, large: RunRecord) -> dict[str, Any]:
    return judged("small_batch_more_accurate", all_records(small, large))


@pytest.mark.parametrize(
    ("small", "large", "expected"),
    [
        # Each seed moves both runs by far more than they differ.
        ((305, 205, 303, 404, 256), (300, 200, 300, 400, 250), "holds"),
        # The difference of one seed alone decides nothing.
        ((350, 300, 290, 310, 305), (300, 305, 300, 300, 300), "inconclusive"),
        # Equal counts are equal to within half a unit: two seeds do not make them certain.
        ((302, 302), (300, 300), "inconclusive"),
    ],
)
def test_seeds_are_paired_and_averaged(small: tuple[int, ...], large: tuple[int, ...], expected: str) -> None:
    found = batch_claim(replicated(SMALL, *small), replicated(LARGE, *large))
    differences, n = np.subtract(small, large), len(small)
    se = max(differences.std(ddof=1), 1 / math.sqrt(12)) / math.sqrt(n)
    assert (found["verdict"], found["seeds"]) == (expected, n)
    assert found["effect"]["value"] == pytest.approx(differences.mean())
    assert found["p_value"] == pytest.approx(2 * stats.t.sf(differences.mean() / se, n - 1), rel=1e-5)
    assert f"in {(differences > 0).sum()} of {n} seeds" in found["sentence"]


def test_diverged_seeds_are_left_out_and_counted() -> None:
    large = replicated(LARGE, 300, 300, 310, 301)
    large.replicates[1] = diverged(large.replicates[1], 1)
    found = batch_claim(replicated(SMALL, 350, 341, 352, 346), large)
    assert found["seeds"] == 3
    assert "Over 3 seeds (1 more diverged)" in found["sentence"]


@pytest.mark.parametrize(
    ("further", "verdict", "kind", "words"),
    [
        ((), "holds", "observed", "so many"),
        ((304, 302, 305), "holds", "tested", "in 4 of 4 seeds"),
        ((290, 302, 280), "inconclusive", None, "judged here: there is too little light (in 2 of 4 seeds)."),
    ],
)
def test_what_is_observed_of_one_run_is_tested_over_seeds(
    further: tuple[int, ...], verdict: str, kind: str | None, words: str
) -> None:
    def measure(build: Build) -> Effect:
        count = build.records["mlp"].metrics["test_correct"]
        if count < 300:
            raise UndeterminedError("there is too little light")
        return Effect("excess", "images", single(count - 300), "t", "It is so many.", kind="observed")

    claim = Claim("x", "1", "s", measure, subjects=(Subject("mlp", "the MLP"),))
    found = judged(claim, {"mlp": replicated("mlp", 303, *further) if further else record("mlp", test=303)})
    assert (found["verdict"], found["kind"]) == (verdict, kind)
    assert words in found["sentence"]


def test_gap_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(7)
    labels = np.arange(TEST) % 2
    records = {SMALL: record(SMALL), LARGE: record(LARGE)}
    (claim,) = (each for each in ledger() if each.id == "small_batch_generalizes_better")
    covered, trials = 0, 1000
    for _ in range(trials):
        # Images differ in difficulty, so the two models' answers on one image go together.
        hard = rng.random(TEST) < 0.3
        for each, train, chances in zip(records.values(), (0.9, 0.7), ((0.3, 0.9), (0.2, 0.8)), strict=True):
            right = rng.random(TEST) < np.where(hard, *chances)
            each.test_labels[:], each.test_predictions[:] = labels, labels ^ ~right
            each.metrics["train_correct"] = rng.binomial(each.metrics["train_total"], train)
            each.metrics["test_correct"] = int(right.sum())
        (gap,) = claim.measure(Build(records, {})).parts.values()
        covered += gap.low <= 100 * (0.2 - 0.1) <= gap.high
    assert 0.92 * trials <= covered <= 0.98 * trials
