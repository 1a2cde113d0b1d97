"""Any runs may have replicates, and each claim is judged over seeds where all its runs have them."""

import dataclasses
from collections.abc import Set
from pathlib import Path

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from octrepro.claims import judge_all, ledger
from octrepro.claims.claim import Build
from octrepro.config import parse_params
from octrepro.core.records import RunRecord
from octrepro.evaluation.evaluate import evaluate
from octrepro.results.summary import summarize
from octrepro.training.train import train
from tests.oracles.data import random_data

PARAMS = parse_params(yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text()))
RUNS = list(PARAMS.experiments)


def record(name: str, seed: int) -> RunRecord:
    """A run of the report, with a narrow network and a few images."""
    experiment = PARAMS.experiments[name]
    if hasattr(experiment, "hidden_size"):
        experiment = experiment.model_copy(update={"hidden_size": 5})
    data = random_data(60, 12, 4)
    return evaluate(data, experiment, train(data, experiment, seed), ("phantom", name), "portable")


def over_seeds(records: dict[str, RunRecord]) -> set[str]:
    """The claims that are judged over all three seeds."""
    claims = judge_all([claim for claim in ledger() if claim.subjects], Build(records, {}))
    return {claim["id"] for claim in claims if claim["seeds"] == 3}


def test_results_and_claims_follow_the_runs_that_have_replicates() -> None:
    alone = {name: record(name, 42) for name in RUNS}
    further = {name: {seed: record(name, seed) for seed in (7, 8)} for name in RUNS}
    subjects = {claim.id: {subject.run for subject in claim.subjects} for claim in ledger()}
    judged = over_seeds({name: dataclasses.replace(alone[name], replicates=further[name]) for name in RUNS})
    questions = {claim.question for claim in ledger() if claim.id in judged}
    assert questions >= {"1.1b", "1.2a", "2.2a", "2.2b", "2.2c"}

    @settings(max_examples=30, deadline=None, derandomize=True)
    @given(st.sets(st.sampled_from(RUNS)))
    @example({"feedforward", "feedforward_lr1"})
    def check(chosen: Set[str]) -> None:
        some = {name: dataclasses.replace(alone[name], replicates=further[name]) for name in chosen}
        rows = summarize(alone | some, PARAMS, "phantom")["rows"]
        assert {row["run"] for row in rows if row["over_seeds"]} == chosen
        assert over_seeds(alone | some) == {claim for claim in judged if subjects[claim] <= chosen}

    check()
