"""Any runs may have replicates, and each claim is judged over seeds where all its runs have them."""

from collections.abc import Set

from hypothesis import example, given, settings
from hypothesis import strategies as st

from octrepro.claims import judge_all, ledger
from octrepro.claims.claim import Build
from octrepro.core.records import RunRecord
from octrepro.results.summary import summarize
from tests.records import PARAMS, all_records, replicated

ALONE = all_records()
SUBJECTS = {claim.id: {subject.run for subject in claim.subjects} for claim in ledger() if claim.subjects}


def with_replicates(chosen: Set[str]) -> dict[str, RunRecord]:
    return ALONE | {run: replicated(run, 300, 310, 290) for run in chosen}


def over_seeds(records: dict[str, RunRecord]) -> set[str]:
    """The claims that are judged over all three seeds."""
    claims = judge_all([claim for claim in ledger() if claim.subjects], Build(records, {}))
    return {claim["id"] for claim in claims if claim["seeds"] == 3}


ALL = over_seeds(with_replicates(ALONE.keys()))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.sets(st.sampled_from(list(ALONE))))
@example({"feedforward", "feedforward_lr1"})
def test_results_and_claims_follow_the_runs_that_have_replicates(chosen: Set[str]) -> None:
    assert {claim.question for claim in ledger() if claim.id in ALL} >= {
        "1.1b",
        "1.2a",
        "2.2a",
        "2.2b",
        "2.2c",
    }
    records = with_replicates(chosen)
    rows = summarize(records, PARAMS, "phantom")["rows"]
    assert {row["run"] for row in rows if row["over_seeds"]} == chosen
    assert over_seeds(records) == {claim for claim in ALL if SUBJECTS[claim] <= chosen}
