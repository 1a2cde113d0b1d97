"""The registry of claims: every module of this folder declares a tuple ``CLAIMS``.

To add claims, add a module with such a tuple; nothing else changes.
"""

import importlib
import pkgutil

from octrepro.claims.claim import Claim


def ledger() -> tuple[Claim, ...]:
    """All claims, by module, then in the order declared; those that the source does not make come last."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    claims: list[Claim] = [claim for module in modules for claim in module.CLAIMS]
    return tuple(sorted(claims, key=lambda claim: not claim.source))
