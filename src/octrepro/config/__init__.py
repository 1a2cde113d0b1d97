"""params.yaml: its schema, and reading it with messages that point at the mistake."""

from octrepro.config.experiments import (
    Experiment,
    Feedforward,
    LogisticRegression,
    Mlp,
    Perceptron,
    TorchLogisticRegression,
)
from octrepro.config.loading import load_params, parse_params
from octrepro.config.schema import Construction, Params
from octrepro.config.sources import Dataset, File, Medmnist, Phantom

__all__ = [
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
    "TorchLogisticRegression",
    "load_params",
    "parse_params",
]
