"""`experiments` and `variants` of params.yaml: the parameters of each model, and what training it takes."""

from typing import Annotated, Literal

from pydantic import Field

from octrepro.config import fields


class Perceptron(fields.Strict):
    """Multi-class perceptron from scratch."""

    model: Literal["perceptron"]
    epochs: fields.Epochs


class LogisticRegression(fields.Strict):
    """Softmax regression from scratch, one sample at a time."""

    model: Literal["logistic_regression"]
    epochs: fields.Epochs
    learning_rate: fields.Positive


class Mlp(fields.Strict):
    """Multi-layer perceptron with one hidden layer from scratch, one sample at a time.

    Weights start as normal draws with mean `init_mean` and standard deviation `init_sd`.
    """

    model: Literal["mlp"]
    epochs: fields.Epochs
    learning_rate: fields.Positive
    hidden_size: fields.HiddenSize
    init_mean: fields.Real = 0.1
    init_sd: fields.Positive = 0.01


class TorchLogisticRegression(fields.Strict):
    """Softmax regression with automatic differentiation, in mini-batches."""

    model: Literal["torch_logistic_regression"]
    epochs: fields.Epochs
    learning_rate: fields.Rate
    batch_size: fields.ImageCount
    l2_decay: fields.Decay = 0.0
    optimizer: Literal["sgd", "adam"] = "sgd"


class Feedforward(fields.Strict):
    """Feed-forward network with automatic differentiation, in mini-batches."""

    model: Literal["feedforward"]
    epochs: fields.Epochs
    learning_rate: fields.Rate
    batch_size: fields.ImageCount
    hidden_size: fields.HiddenSize
    hidden_layers: fields.HiddenLayers
    dropout: fields.Dropout = 0.0
    activation: Literal["relu", "tanh"] = "relu"
    l2_decay: fields.Decay = 0.0
    optimizer: Literal["sgd", "adam"] = "sgd"


Experiment = Annotated[
    Perceptron | LogisticRegression | Mlp | TorchLogisticRegression | Feedforward,
    Field(discriminator="model"),
]
