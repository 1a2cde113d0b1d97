"""Any runs may have replicates: each alone, each pair of a question, all of them."""

import dataclasses
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest
import yaml

from octrepro.claims import judge_all, ledger
from octrepro.claims.claim import Build
from octrepro.config import Params, parse_params
from octrepro.core.records import RunRecord
from octrepro.evaluation.evaluate import evaluate
from octrepro.results.summary import summarize
from octrepro.study.comparisons import COMPARISONS
from octrepro.training.train import train
from tests.oracles.data import random_data

ROOT = Path(__file__).parents[2]
SHIPPED = yaml.safe_load((ROOT / "params.yaml").read_text())
PAIRS = {tuple(sorted({a, b})) for each in COMPARISONS for a in each.runs for b in each.runs}
SUBSETS = sorted({*PAIRS, *((run,) for run in SHIPPED["experiments"])})


@pytest.fixture(scope="module")
def params() -> Params:
    for experiment in SHIPPED["experiments"].values():
        if "hidden_size" in experiment:
            experiment["hidden_size"] = 5
    return parse_params(SHIPPED)


@pytest.fixture(scope="module")
def records(params: Params) -> Mapping[str, RunRecord]:
    """Every run of the report, trained on a few images from three seeds."""
    data = random_data(60, 12, 4)

    def record(name: str, seed: int) -> RunRecord:
        experiment = params.experiments[name]
        return evaluate(data, experiment, train(data, experiment, seed), ("phantom", name), "portable")

    return {
        name: dataclasses.replace(record(name, 42), replicates={seed: record(name, seed) for seed in (7, 8)})
        for name in params.experiments
    }


def only(records: Mapping[str, RunRecord], chosen: Collection[str]) -> dict[str, RunRecord]:
    """The records, with the replicates of some."""
    return {
        name: record if name in chosen else dataclasses.replace(record, replicates={})
        for name, record in records.items()
    }


def over_seeds(records: Mapping[str, RunRecord]) -> set[str]:
    """The claims that are judged over all three seeds."""
    claims = judge_all([claim for claim in ledger() if claim.subjects], Build(records, {}))
    return {claim["id"] for claim in claims if claim["seeds"] == 3}


@pytest.mark.parametrize("chosen", SUBSETS, ids="+".join)
def test_results_and_claims_follow_the_runs_that_have_replicates(
    records: Mapping[str, RunRecord], params: Params, chosen: tuple[str, ...]
) -> None:
    some = only(records, chosen)
    rows = summarize(some, params, "phantom")["rows"]
    assert {row["run"] for row in rows if row["over_seeds"]} == set(chosen)
    runs = {claim.id: {subject.run for subject in claim.subjects} for claim in ledger()}
    assert over_seeds(some) == {claim for claim in over_seeds(records) if runs[claim] <= set(chosen)}


def test_all_questions_are_judged_over_seeds(
    records: Mapping[str, RunRecord],
) -> None:
    judged = over_seeds(records)
    questions = {claim.question for claim in ledger() if claim.id in judged}
    assert {"1.1b", "1.2a", "2.2a", "2.2b", "2.2c"} <= questions
