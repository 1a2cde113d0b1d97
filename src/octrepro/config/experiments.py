"""`experiments` and `variants` of params.yaml: the parameters of each model, and what training it takes."""

from typing import Annotated, Literal

from pydantic import Field

from octrepro.config.fields import (
    BatchSize,
    Decay,
    Dropout,
    Epochs,
    HiddenLayers,
    HiddenSize,
    Positive,
    Rate,
    Real,
    Strict,
)


class Perceptron(Strict):
    """Multi-class perceptron from scratch."""

    model: Literal["perceptron"]
    epochs: Epochs


class LogisticRegression(Strict):
    """Softmax regression from scratch, one sample at a time."""

    model: Literal["logistic_regression"]
    epochs: Epochs
    learning_rate: Positive


class Mlp(Strict):
    """Multi-layer perceptron with one hidden layer from scratch, one sample at a time.

    Weights start as normal draws with mean `init_mean` and standard deviation `init_sd`.
    """

    model: Literal["mlp"]
    epochs: Epochs
    learning_rate: Positive
    hidden_size: HiddenSize
    init_mean: Real = 0.1
    init_sd: Positive = 0.01


class TorchLogisticRegression(Strict):
    """Softmax regression with automatic differentiation, in mini-batches."""

    model: Literal["torch_logistic_regression"]
    epochs: Epochs
    learning_rate: Rate
    batch_size: BatchSize
    l2_decay: Decay = 0.0
    optimizer: Literal["sgd", "adam"] = "sgd"


class Feedforward(Strict):
    """Feed-forward network with automatic differentiation, in mini-batches."""

    model: Literal["feedforward"]
    epochs: Epochs
    learning_rate: Rate
    batch_size: BatchSize
    hidden_size: HiddenSize
    hidden_layers: HiddenLayers
    dropout: Dropout = 0.0
    activation: Literal["relu", "tanh"] = "relu"
    l2_decay: Decay = 0.0
    optimizer: Literal["sgd", "adam"] = "sgd"


Experiment = Annotated[
    Perceptron | LogisticRegression | Mlp | TorchLogisticRegression | Feedforward,
    Field(discriminator="model"),
]
