"""Tests and intervals behind the verdicts: counts of images in `proportions`, curves by epoch in `series`."""

from octrepro.claims.statistics.estimate import Estimate, UndeterminedError

__all__ = ["Estimate", "UndeterminedError"]
