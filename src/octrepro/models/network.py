"""The networks that are differentiated automatically."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from octrepro.config import Feedforward, TorchLogisticRegression
from octrepro.models.layers import Floats, Layer

Linear = Callable[[int, int], nn.Linear]


def build_network(
    experiment: TorchLogisticRegression | Feedforward, features: int, classes: int, linear: Linear = nn.Linear
) -> nn.Sequential:
    """Build the model that `experiment` describes, layers in order, input to output.

    Parameters
    ----------
    experiment
        Logistic regression is one linear layer. A feed-forward network has `hidden_layers` of `hidden_size`
        units; each is followed by the activation and then by dropout, if any.
    features, classes
        Inputs and outputs.
    linear
        The linear layer; its weights are drawn from PyTorch's global generator by `nn.Linear`'s default rule.
    """
    if isinstance(experiment, TorchLogisticRegression):
        return nn.Sequential(linear(features, classes))
    activation = {"relu": nn.ReLU, "tanh": nn.Tanh}[experiment.activation]
    modules: list[nn.Module] = []
    inputs = features
    for _ in range(experiment.hidden_layers):
        modules += [linear(inputs, experiment.hidden_size), activation()]
        if experiment.dropout:
            modules.append(nn.Dropout(experiment.dropout))
        inputs = experiment.hidden_size
    modules.append(linear(inputs, classes))
    return nn.Sequential(*modules)


def layers_of(network: nn.Sequential) -> list[Layer]:
    """The network's weights as NumPy arrays; copies."""
    return [
        Layer(_array(module.weight), _array(module.bias))
        for module in network
        if isinstance(module, nn.Linear)
    ]


def _array(parameter: torch.Tensor) -> Floats:
    array: Floats = parameter.detach().cpu().numpy().copy()
    return array
