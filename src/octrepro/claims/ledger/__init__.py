"""The registry of claims: every module of this folder declares a tuple ``CLAIMS``.

To add claims, add a module with such a tuple; nothing else changes.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from octrepro.claims.claim import Claim


@cache
def ledger() -> tuple[Claim, ...]:
    """All claims, by module name, then in the order declared; those that the source does not make come last.

    Raises
    ------
    ValueError
        When two claims share an id.
    """
    claims: list[Claim] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        claims.extend(importlib.import_module(f"{__name__}.{module.name}").CLAIMS)
    ids = [claim.id for claim in claims]
    if len(set(ids)) < len(ids):
        raise ValueError(f"claim ids are not unique: {sorted({i for i in ids if ids.count(i) > 1})}")
    return tuple(sorted(claims, key=lambda claim: not claim.source))
