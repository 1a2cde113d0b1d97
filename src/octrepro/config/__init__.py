"""params.yaml: its schema, and reading it with messages that point at the mistake."""

from octrepro.config.constructions import Boolean, Construction
from octrepro.config.experiments import (
    Experiment,
    Feedforward,
    LogisticRegression,
    Mlp,
    Perceptron,
    TorchLogisticRegression,
)
from octrepro.config.grid import Sweep
from octrepro.config.loading import load_params, parse_params
from octrepro.config.schema import Params, Report
from octrepro.config.sources import Dataset, File, Medmnist, Phantom

__all__ = [
    "Boolean",
    "Construction",
    "Dataset",
    "Experiment",
    "Feedforward",
    "File",
    "LogisticRegression",
    "Medmnist",
    "Mlp",
    "Params",
    "Perceptron",
    "Phantom",
    "Report",
    "Sweep",
    "TorchLogisticRegression",
    "load_params",
    "parse_params",
]
