"""Judging one claim on made-up records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from octrepro.claims import Case, judge, ledger
from octrepro.core.records import RunRecord


def entry(
    claim_id: str, records: Mapping[str, RunRecord], verification: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The entry in claims.json of one claim."""
    (claim,) = (claim for claim in ledger() if claim.id == claim_id)
    return judge(claim, Case(records, verification or {}))
