"""Judging claims on changed records."""

from collections.abc import Mapping
from typing import Any

from octrepro.claims import judge_all, ledger
from octrepro.claims.claim import Build, Claim
from octrepro.core.records import RunRecord


def entry(
    claim: str | Claim, records: Mapping[str, RunRecord], verification: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The entry in claims.json of one claim, judged alone."""
    if isinstance(claim, str):
        (claim,) = (each for each in ledger() if each.id == claim)
    (found,) = judge_all([claim], Build(records, verification or {}))
    return found
