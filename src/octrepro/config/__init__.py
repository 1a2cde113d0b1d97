"""params.yaml: its schema, and reading it with messages that point at the mistake."""

from octrepro.config.loading import load_params, parse_params
from octrepro.config.schema import (
    Boolean,
    Construction,
    Dataset,
    Experiment,
    Feedforward,
    File,
    LogisticRegression,
    Medmnist,
    Mlp,
    Params,
    Perceptron,
    Phantom,
    Report,
    Sweep,
    TorchLogisticRegression,
)

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
