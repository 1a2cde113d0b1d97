"""A number with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

CONFIDENCE = 0.95
ALPHA = 0.05


class UndeterminedError(ValueError):
    """The data do not suffice for a statistic: the message says why, as a clause for the report."""


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % confidence interval, in the value's own unit."""

    value: float
    low: float
    high: float

    def below(self, bound: float) -> bool:
        """Whether the whole interval lies below `bound`."""
        return self.high < bound

    def above(self, bound: float) -> bool:
        """Whether the whole interval lies above `bound`."""
        return self.low > bound
