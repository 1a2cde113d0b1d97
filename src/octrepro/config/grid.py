"""`sweeps` of params.yaml: settings of one experiment to choose among."""

import itertools
import math
from typing import Annotated, Any

from pydantic import Field, ValidationError

from octrepro.config.experiments import Experiment
from octrepro.config.fields import Name, Strict

MAX_SETTINGS = 10_000


class Sweep(Strict):
    """Settings of one experiment to choose among by validation accuracy.

    `grid` gives values for some of its parameters, every combination of which is a setting; `settings`
    lists them one by one. What a setting does not name, `base` gives.
    """

    base: Name
    grid: dict[Name, Annotated[list[Any], Field(min_length=1)]] = {}
    settings: list[Annotated[dict[Name, Any], Field(min_length=1)]] = []

    @property
    def changes(self) -> list[dict[str, Any]]:
        """What each setting changes of the base: a grid's last parameter varies fastest."""
        if self.settings:
            return self.settings
        return [
            dict(zip(self.grid, values, strict=True)) for values in itertools.product(*self.grid.values())
        ]

    @property
    def parameters(self) -> list[str]:
        """The parameters that vary, in the order in which they are named."""
        return list(dict.fromkeys(name for change in self.settings or (self.grid,) for name in change))

    def experiments(self, base: Experiment) -> list[Experiment]:
        """The experiment of each setting; raises `ValidationError` when a value is not allowed."""
        return [type(base).model_validate({**base.model_dump(), **change}) for change in self.changes]

    def check(self, where: str, bases: dict[str, Experiment]) -> None:
        """Refuse a sweep that cannot be run with a `ValueError` that begins with `where`."""
        if bool(self.grid) == bool(self.settings):
            raise ValueError(f"{where}: expected either grid or settings")
        if self.base not in bases:
            raise ValueError(f"{where}.base: {self.base!r} is neither an experiment nor a variant")
        count = len(self.settings) or math.prod(map(len, self.grid.values()))
        if count > MAX_SETTINGS:
            raise ValueError(f"{where}: {count} settings are more than the {MAX_SETTINGS} allowed")
        try:
            self.experiments(bases[self.base])
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise ValueError(f"{where}: {first['loc'][-1]} {first['input']!s:.80}: {first['msg']}") from None
