"""The schema of params.yaml: every number a reader may change, its type and its limits."""

from __future__ import annotations

import itertools
import math
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

MAX_SETTINGS = 10_000

# Names become file names, stage names and LaTeX labels, so they are kept to what is safe in all of them.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+$", max_length=64)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
PositiveInt = Annotated[int, Field(gt=0, strict=True)]


def _no_boolean(value: Any) -> Any:
    # Python's booleans are integers, so 'true' would pass for 1.
    if isinstance(value, bool):
        raise PydanticCustomError("number", "a number")
    return value


# Text is accepted where it spells a number: YAML 1.1 readers take 1e-3 for text.
Real = Annotated[float, BeforeValidator(_no_boolean), Field(allow_inf_nan=False)]
LearningRate = Annotated[Real, Field(gt=0)]
Decay = Annotated[Real, Field(ge=0)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Seed = Annotated[int, Field(ge=0, lt=2**32, strict=True)]
Replicates = Annotated[int, Field(ge=0, le=1000, strict=True)]


class Strict(BaseModel):
    """A mapping with no keys but those named, and values of just the types named."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=False)


class _Set(Strict):
    """What any data set may say: its name in the report, test images of each class, further training seeds.

    `replicates` takes the place of the global number for this data set.
    """

    title: Text | None = None
    test_per_class: list[PositiveInt] | None = None
    replicates: Replicates | None = None


class Phantom(_Set):
    """The embedded synthetic data set.

    `seed` draws the images and is apart from the training seed, so that either changes alone.
    """

    source: Literal["phantom"]
    seed: Seed = 42
    train: PositiveInt = 6000
    val: PositiveInt = 700
    test: PositiveInt = 1000


class Medmnist(_Set):
    """A data set of the MedMNIST v2 collection, downloaded and verified."""

    source: Literal["medmnist"]
    name: Name | None = None


class File(_Set):
    """An .npz file in MedMNIST's format."""

    source: Literal["file"]
    path: Text
    sha256: Sha256 | None = None
    classes: list[Text] | None = None
    license: Text | None = None
    citation: Text | None = None
    description: Text | None = None


Dataset = Annotated[Phantom | Medmnist | File, Field(discriminator="source")]


class Perceptron(Strict):
    """Multi-class perceptron from scratch."""

    model: Literal["perceptron"]
    epochs: PositiveInt


class LogisticRegression(Strict):
    """Softmax regression from scratch, one sample at a time."""

    model: Literal["logistic_regression"]
    epochs: PositiveInt
    learning_rate: LearningRate


class Mlp(Strict):
    """Multi-layer perceptron with one hidden layer from scratch, one sample at a time.

    Weights start as normal draws with mean `init_mean` and standard deviation `init_sd`.
    """

    model: Literal["mlp"]
    epochs: PositiveInt
    learning_rate: LearningRate
    hidden_size: PositiveInt
    init_mean: Real = 0.1
    init_sd: Annotated[Real, Field(gt=0)] = 0.01


class TorchLogisticRegression(Strict):
    """Softmax regression with automatic differentiation, in mini-batches."""

    model: Literal["torch_logistic_regression"]
    epochs: PositiveInt
    learning_rate: LearningRate
    batch_size: PositiveInt
    l2_decay: Decay = 0.0
    optimizer: Literal["sgd", "adam"] = "sgd"


class Feedforward(Strict):
    """Feed-forward network with automatic differentiation, in mini-batches."""

    model: Literal["feedforward"]
    epochs: PositiveInt
    learning_rate: LearningRate
    batch_size: PositiveInt
    hidden_size: PositiveInt
    hidden_layers: PositiveInt
    dropout: Annotated[Real, Field(ge=0, lt=1)] = 0.0
    activation: Literal["relu", "tanh"] = "relu"
    l2_decay: Decay = 0.0
    optimizer: Literal["sgd", "adam"] = "sgd"


Experiment = Annotated[
    Perceptron | LogisticRegression | Mlp | TorchLogisticRegression | Feedforward,
    Field(discriminator="model"),
]

Expression = (
    Annotated[str, StringConstraints(min_length=1, max_length=200)] | Annotated[int, Field(strict=True)]
)


Value = bool | int | float | str


class Sweep(Strict):
    """Settings of one experiment to choose among by validation accuracy.

    `grid` gives values for some of its parameters, every combination of which is a setting; `settings`
    lists them one by one. What a setting does not name, `base` gives.
    """

    base: Name
    grid: dict[Name, Annotated[list[Value], Field(min_length=1)]] = {}
    settings: list[Annotated[dict[Name, Value], Field(min_length=1)]] = []

    @property
    def changes(self) -> list[dict[str, Value]]:
        """What each setting changes of the base: a grid's last parameter varies fastest."""
        if self.settings:
            return self.settings
        return [
            dict(zip(self.grid, values, strict=True)) for values in itertools.product(*self.grid.values())
        ]

    @property
    def parameters(self) -> list[str]:
        """The parameters that vary, in the order in which they are named."""
        return list(dict.fromkeys(name for change in self.changes for name in change))

    def experiments(self, base: Experiment) -> list[Experiment]:
        """The experiment of each setting.

        Raises
        ------
        ValidationError
            When a parameter is none of the model's, or a value is not allowed.
        """
        return [
            type(base).model_validate({**base.model_dump(), **change, "model": base.model})
            for change in self.changes
        ]


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
    source: Literal["printed", "corrected", "own", "reader"] = "reader"
    activation: Literal["sign", "relu"]
    hidden: Annotated[list[HiddenUnit], Field(min_length=2, max_length=2)]
    output: OutputUnit
    constants: dict[Name, Annotated[int, Field(strict=True)]] = {}


class Boolean(Strict):
    """What is verified of the Boolean function."""

    max_dimension: Annotated[int, Field(ge=1, le=20, strict=True)] = 12
    constants: dict[Name, Annotated[int, Field(strict=True)]] = {}
    constructions: dict[Name, Construction] = {}


class Report(Strict):
    """What the report says of itself; `titles` gives single data sets a title of their own."""

    title: Text | None = None
    titles: dict[Name, Text] = {}
    authors: list[Text] = []


class Params(Strict):
    """All of params.yaml."""

    seed: Seed
    numerics: Literal["portable", "native", "cuda"] = "portable"
    datasets: Annotated[dict[Name, Dataset], Field(min_length=1)]
    experiments: Annotated[dict[Name, Experiment], Field(min_length=1)]
    variants: dict[Name, Experiment] = {}
    ablation: list[Name] = []
    replicates: Replicates = 0
    replicated: list[Name] = []
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

    @model_validator(mode="after")
    def _names_do_not_clash(self) -> Params:
        clashes = sorted(set(self.experiments) & set(self.variants))
        if clashes:
            raise ValueError(
                f"{', '.join(clashes)}: named in both experiments and variants; names must differ"
            )
        unknown = [name for name in self.ablation if name not in self.variants]
        if unknown:
            raise ValueError(
                f"ablation names {', '.join(unknown)}, which variants does not list "
                f"(it lists {', '.join(self.variants) or 'none'})"
            )
        most = max(map(self.replicates_of, self.datasets))
        if bool(most) != bool(self.replicated):
            raise ValueError(
                f"replicates is {most}, but replicated names {len(self.replicated)} runs; "
                "expected a number of further seeds and the runs to train from them, such as [feedforward]"
            )
        if unknown := [name for name in self.report.titles if name not in self.datasets]:
            raise ValueError(f"report.titles names {', '.join(unknown)}, which datasets does not list")
        strangers = [name for name in self.replicated if name not in self.experiments]
        if strangers:
            raise ValueError(f"replicated names {', '.join(strangers)}, which experiments does not list")
        # runs/boolean and report/build/boolean belong to the Boolean part, which has no data set.
        if "boolean" in self.datasets:
            raise ValueError("a data set cannot be called 'boolean': that folder is the Boolean part's")
        reserved = {"claims", "results", "sweeps"} & set(self.runs)
        if reserved:
            raise ValueError(f"a run cannot be called {sorted(reserved)[0]!r}: that name is taken by a file")
        return self

    @model_validator(mode="after")
    def _sweeps_can_be_run(self) -> Params:
        for name, sweep in self.sweeps.items():
            _check_sweep(f"sweeps.{name}", sweep, {**self.experiments, **self.variants})
        return self


def _check_sweep(where: str, sweep: Sweep, bases: dict[str, Experiment]) -> None:
    if bool(sweep.grid) == bool(sweep.settings):
        raise ValueError(f"{where}: expected either grid or settings")
    if sweep.base not in bases:
        raise ValueError(f"{where}.base: {sweep.base!r} is neither an experiment nor a variant")
    count = len(sweep.settings) or math.prod(map(len, sweep.grid.values()))
    if count > MAX_SETTINGS:
        raise ValueError(f"{where}: {count} settings are more than the {MAX_SETTINGS} allowed")
    base = bases[sweep.base]
    if unknown := set(sweep.parameters) - (set(type(base).model_fields) - {"model"}):
        known = ", ".join(field for field in type(base).model_fields if field != "model")
        raise ValueError(f"{where}: {min(unknown)!r} is no parameter of {sweep.base} (it has {known})")
    try:
        experiments = sweep.experiments(base)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        expected = first["msg"].removeprefix("Input should be ")
        raise ValueError(
            f"{where}: {first['loc'][-1]} {first['input']!r} is not allowed, expected {expected}"
        ) from None
    if len({experiment.model_dump_json() for experiment in experiments}) < len(experiments):
        raise ValueError(f"{where}: the same setting is given twice")
