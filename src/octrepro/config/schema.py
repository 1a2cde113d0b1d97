"""All of params.yaml: its sections, and what must hold between them."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from octrepro.config.experiments import Experiment
from octrepro.config.fields import Constant, Expression, Name, Names, Replicates, Seed, Strict, Text
from octrepro.config.grid import Sweep
from octrepro.config.sources import Dataset

MAX_STAGES = 2000
"""Runs and sweeps, each on each data set: DVC takes minutes to plan more of them."""


def _constant_name(name: str) -> str:
    if name in {"A", "B", "D"} or name[0].isdigit():
        raise ValueError("a name that begins with no digit; A, B and D are the variables of f")
    return name


Constants = dict[Annotated[Name, AfterValidator(_constant_name)], Constant]


class HiddenUnit(Strict):
    """A hidden unit: the weight that each of its D inputs gets, and its bias."""

    weight: Expression
    bias: Expression


class OutputUnit(Strict):
    """The output unit: one weight for each hidden unit, and a bias."""

    weights: Annotated[list[Expression], Field(min_length=2, max_length=2)]
    bias: Expression


class Construction(Strict):
    """A network of two hidden units and one sign output, in terms of A, B, D and named constants."""

    title: Text = "Untitled construction"
    activation: Literal["sign", "relu"]
    hidden: Annotated[list[HiddenUnit], Field(min_length=2, max_length=2)]
    output: OutputUnit
    constants: Constants = {}


class Boolean(Strict):
    """What is verified of the Boolean function."""

    max_dimension: Annotated[int, Field(ge=1, le=20)] = 12
    constants: Constants = {}
    constructions: dict[Name, Construction] = {}


class Report(Strict):
    """What the report says of itself; `titles` gives single data sets a title of their own."""

    title: Text | None = None
    titles: dict[Name, Text] = {}
    authors: list[Text] = []


class Params(Strict):
    """All of params.yaml."""

    seed: Seed
    numerics: Literal["portable", "native"] = "portable"
    datasets: Annotated[dict[Name, Dataset], Field(min_length=1)]
    experiments: Annotated[dict[Name, Experiment], Field(min_length=1)]
    variants: dict[Name, Experiment] = {}
    ablation: Names = []
    replicates: Replicates = 0
    replicated: Names = []
    sweeps: dict[Name, Sweep] = {}
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

    def further_seeds(self, dataset: str) -> list[int]:
        """Those seeds: the first words of ``numpy.random.SeedSequence(seed)``, an algorithm that NumPy keeps.

        A word that is `seed` itself or came before is passed over. So they are distinct, more of them begin
        with the same ones, and every run of every data set gets the same, which pairs the runs by seed.
        """
        # Only the stage that draws them pays for NumPy.
        from numpy.random import SeedSequence

        count = self.replicates_of(dataset)
        # A word repeats about once in four billion pairs: twice as many are more than enough.
        words = SeedSequence(self.seed).generate_state(2 * count + 8).tolist()
        return [word for word in dict.fromkeys(words) if word != self.seed][:count]

    @model_validator(mode="after")
    def _sections_fit(self) -> Self:
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
        if clashes := sorted(self.experiments.keys() & self.variants.keys()):
            raise ValueError(
                f"{', '.join(clashes)}: named in both experiments and variants; names must differ"
            )
        # The other way round is allowed: `replicates: 0` turns them off without a second edit.
        if not self.replicated and (most := max(map(self.replicates_of, self.datasets))):
            raise ValueError(
                f"replicates is {most}, but replicated names no runs; "
                "expected the runs to train from further seeds, such as [feedforward]"
            )
        if (count := len(self.datasets) * (len(self.runs) + len(self.sweeps))) > MAX_STAGES:
            raise ValueError(
                f"{count} runs and sweeps on all datasets are more than the {MAX_STAGES} of one pipeline"
            )
        for name, sweep in self.sweeps.items():
            sweep.check(f"sweeps.{name}", {**self.experiments, **self.variants})
        return self
