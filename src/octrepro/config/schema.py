"""All of params.yaml: its sections, and what must hold between them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from octrepro.config.constructions import Boolean
from octrepro.config.experiments import Experiment
from octrepro.config.fields import Name, Names, Replicates, Seed, Strict, Text
from octrepro.config.grid import MAX_SETTINGS, Sweep
from octrepro.config.sources import Dataset

MAX_RUNS = 500
MAX_DATASETS = 50
MAX_STAGES = 2000
"""Pairs of a data set and a run, each of which is two stages: DVC takes minutes to plan more of them."""


class Report(Strict):
    """What the report says of itself; `titles` gives single data sets a title of their own."""

    title: Text | None = None
    titles: dict[Name, Text] = {}
    authors: Annotated[list[Text], Field(strict=True, max_length=100)] = []


class Params(Strict):
    """All of params.yaml."""

    seed: Seed
    numerics: Literal["portable", "native"] = "portable"
    datasets: Annotated[dict[Name, Dataset], Field(min_length=1, max_length=MAX_DATASETS)]
    experiments: Annotated[dict[Name, Experiment], Field(min_length=1, max_length=MAX_RUNS)]
    variants: Annotated[dict[Name, Experiment], Field(max_length=MAX_RUNS)] = {}
    ablation: Names = []
    replicates: Replicates = 0
    replicated: Names = []
    sweeps: Annotated[dict[Name, Sweep], Field(max_length=MAX_RUNS)] = {}
    boolean: Boolean
    report: Report

    @property
    def runs(self) -> dict[str, Experiment]:
        """The runs of the report: the experiments, and the variants that were asked for."""
        return {**self.experiments, **{name: self.variants[name] for name in self.ablation}}

    def replicates_of(self, dataset: str) -> int:
        """From how many further seeds the runs in `replicated` are trained on a data set."""
        own = self.datasets[dataset].replicates
        return self.replicates if own is None else own

    @model_validator(mode="after")
    def _sections_fit(self) -> Params:
        for section, names, known in (
            ("ablation", self.ablation, "variants"),
            ("replicated", self.replicated, "experiments"),
            ("report.titles", self.report.titles, "datasets"),
        ):
            if unknown := [name for name in names if name not in getattr(self, known)]:
                listed = ", ".join(getattr(self, known)) or "none"
                raise ValueError(
                    f"{section} names {', '.join(unknown)}, which {known} does not list ({listed})"
                )
        if clashes := sorted(set(self.experiments) & set(self.variants)):
            raise ValueError(
                f"{', '.join(clashes)}: named in both experiments and variants; names must differ"
            )
        # runs/boolean and report/build/boolean belong to the Boolean part, which has no data set.
        if "boolean" in self.datasets:
            raise ValueError("a data set cannot be called 'boolean': that folder is the Boolean part's")
        if reserved := sorted({"claims", "results", "sweeps"} & set(self.runs)):
            raise ValueError(f"a run cannot be called {reserved[0]!r}: that name is taken by a file")
        most = max(map(self.replicates_of, self.datasets))
        # The other way round is allowed: `replicates: 0` turns them off without a second edit.
        if most and not self.replicated:
            raise ValueError(
                f"replicates is {most}, but replicated names no runs; "
                "expected the runs to train from further seeds, such as [feedforward]"
            )
        if len(self.datasets) * len(self.runs) > MAX_STAGES:
            raise ValueError(
                f"{len(self.runs)} runs on each of {len(self.datasets)} data sets are too many for one "
                f"pipeline: at most {MAX_STAGES} together (a sweep may have {MAX_SETTINGS} settings)"
            )
        for name, sweep in self.sweeps.items():
            sweep.check(f"sweeps.{name}", {**self.experiments, **self.variants})
        return self
