"""The constructions of params.yaml, parsed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from octrepro.boolean.networks import Family, family
from octrepro.config import load_params

ROOT = Path(__file__).parents[2]


@cache
def shipped() -> dict[str, Family]:
    """Every construction of params.yaml by name."""
    boolean = load_params(ROOT / "params.yaml").boolean
    return {name: family(name, each, boolean.constants) for name, each in boolean.constructions.items()}
