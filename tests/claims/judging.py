"""Judging claims on made-up records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octrepro.claims import judge_all, ledger
from octrepro.claims.claim import Build, Claim
from octrepro.core.records import RunRecord
from tests.claims.made import all_records, record

Series = NDArray[np.float64]


def entry(
    claim: str | Claim, records: Mapping[str, RunRecord], verification: dict[str, Any] | None = None
) -> Any:
    """The entry in claims.json of one claim, judged alone."""
    if isinstance(claim, str):
        (claim,) = (each for each in ledger() if each.id == claim)
    (found,) = judge_all([claim], Build(records, verification or {}))
    return found


def noise(epochs: int, sd: float) -> Series:
    return sd * np.random.default_rng(epochs).standard_normal(epochs)


def curves(**histories: Series) -> dict[str, RunRecord]:
    """All records, some runs with curves of their own: `run__column=curve`."""
    runs: dict[str, dict[str, Series]] = {}
    for name, curve in histories.items():
        run, column = name.split("__")
        runs.setdefault(run, {})[column] = curve
    return all_records(**{run: record(run, history=history) for run, history in runs.items()})
