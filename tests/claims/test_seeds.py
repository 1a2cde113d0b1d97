"""Claims over seeds: the statistics against SciPy, and verdicts that follow the seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from octrepro.claims import ledger
from octrepro.claims.seeds import Region, strength
from octrepro.core.records import RunRecord
from octrepro.results.estimate import Estimate
from tests.claims.judging import entry
from tests.results.synthetic import PARAMS, all_records, record, replicated


@pytest.mark.parametrize(
    ("region", "interval", "verdict"),
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
def test_a_claim_holds_where_the_whole_interval_does(
    region: Region, interval: tuple[float, float], verdict: str
) -> None:
    assert region.verdict(Estimate(sum(interval) / 2, *interval)) == verdict


def test_strength_tells_the_two_verdicts_apart() -> None:
    verdicts = ("holds", "fails", "inconclusive")
    told = {(single, seeds): strength(single, seeds) for single in verdicts for seeds in verdicts}
    assert told["holds", "holds"] == told["fails", "fails"] == "borne out over seeds"
    assert told["holds", "inconclusive"] == told["fails", "inconclusive"] == "on one seed only"
    assert told["inconclusive", "holds"] == "holds over seeds only"
    assert told["holds", "fails"] == told["fails", "holds"] == "contradicted over seeds"
    assert told["inconclusive", "inconclusive"] == "within chance on one seed and over seeds"


def batch_claim(small: RunRecord, large: RunRecord) -> dict[str, Any]:
    records = all_records(feedforward=small, feedforward_batch1024=large)
    return entry("small_batch_more_accurate", records)


def test_without_replicates_an_entry_says_nothing_of_seeds() -> None:
    assert "over_seeds" not in batch_claim(record("feedforward"), record("feedforward_batch1024"))


def test_a_difference_on_every_seed_is_borne_out() -> None:
    found = batch_claim(
        replicated("feedforward", [341, 352, 346, 350], 350),
        replicated("feedforward_batch1024", [300, 310, 301, 306], 300),
    )
    seeds = found["over_seeds"]
    assert found["verdict"] == seeds["verdict"] == "holds"
    assert seeds["strength"] == "borne out over seeds"
    differences = [50, 41, 42, 45, 44]
    assert seeds["mean"] == pytest.approx(np.mean(differences))
    assert seeds["sd"] == pytest.approx(np.std(differences, ddof=1), rel=1e-5)
    assert (seeds["seeds"], seeds["on_the_claims_side"], seeds["diverged"]) == (5, 5, 0)
    assert seeds["p_value"] == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, rel=1e-5)
    assert "Over 5 seeds" in seeds["sentence"]
    assert "borne out over seeds" in seeds["sentence"]


def test_a_difference_of_the_first_seed_alone_is_called_so() -> None:
    found = batch_claim(
        replicated("feedforward", [300, 290, 310, 305], 350),
        replicated("feedforward_batch1024", [305, 300, 300, 300], 300),
    )
    assert found["verdict"] == "holds"
    assert found["over_seeds"]["verdict"] == "inconclusive"
    assert found["over_seeds"]["strength"] == "on one seed only"


def test_seeds_pair_the_runs() -> None:
    # Each seed moves both runs by far more than they differ.
    found = batch_claim(
        replicated("feedforward", [205, 303, 404, 256], 305),
        replicated("feedforward_batch1024", [200, 300, 400, 250], 300),
    )
    assert found["over_seeds"]["verdict"] == "holds"


def test_diverged_seeds_are_left_out_and_counted() -> None:
    small = replicated("feedforward", [341, 352, 346], 350)
    large = replicated("feedforward_batch1024", [300, 310, 301], 300)
    large.replicates[1].metrics.update({"diverged": True, "diverged_epoch": 1})
    seeds = batch_claim(small, large)["over_seeds"]
    assert (seeds["seeds"], seeds["diverged"]) == (3, 1)


def test_every_claim_that_a_seed_enters_is_judged_over_seeds() -> None:
    further = {
        run: replicated(run, [300, 301, 302], 300, train=1200 + index)
        for index, run in enumerate(PARAMS.experiments)
    }
    # Curves that move, so that every statistic of them is defined.
    for index, each in enumerate(further.values()):
        noise = np.random.default_rng(index)
        for curves in (each.history, *(seed.history for seed in each.replicates.values())):
            for name in ("train_loss", "val_loss", "train_accuracy", "val_accuracy"):
                curves[name] = noise.normal(0.5, 0.01, curves[name].shape)
    exact = {"small_batch_takes_longer"}
    for claim in ledger():
        found = entry(claim.id, further, {"constructions": [], "separability": []}) if claim.needs else None
        if found is not None and claim.id not in exact:
            assert found["over_seeds"]["verdict"] in ("holds", "fails", "inconclusive"), claim.id
            assert found["over_seeds"]["seeds"] == 4
        elif found is not None:
            assert "over_seeds" not in found
