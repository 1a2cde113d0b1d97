"""The networks that are differentiated automatically."""

import numpy as np
from torch import nn

from octrepro.arithmetic.differentiable import PortableLinear, PortableTanh
from octrepro.config.experiments import Feedforward, TorchLogisticRegression
from octrepro.core.numerics import Mode
from octrepro.models.layers import Layer


def build_network(
    experiment: TorchLogisticRegression | Feedforward, features: int, classes: int, numerics: Mode
) -> nn.Sequential:
    """Build the model that `experiment` describes, layers in order, input to output.

    Logistic regression is one linear layer. A feed-forward network has `hidden_layers` of `hidden_size`
    units; each is followed by the activation and then by dropout, if any.

    ``native`` numerics take PyTorch's layers, ``portable`` those of `octrepro.arithmetic`. Both draw weights
    from PyTorch's global generator by `nn.Linear`'s default rule.
    """
    linear, tanh = (PortableLinear, PortableTanh) if numerics == "portable" else (nn.Linear, nn.Tanh)
    if isinstance(experiment, TorchLogisticRegression):
        return nn.Sequential(linear(features, classes))
    modules: list[nn.Module] = []
    inputs = features
    for _ in range(experiment.hidden_layers):
        activation = nn.ReLU() if experiment.activation == "relu" else tanh()
        modules += [linear(inputs, experiment.hidden_size), activation]
        if experiment.dropout:
            modules.append(nn.Dropout(experiment.dropout))
        inputs = experiment.hidden_size
    modules.append(linear(inputs, classes))
    return nn.Sequential(*modules)


def layers_of(network: nn.Sequential) -> list[Layer]:
    """The network's weights as NumPy arrays; copies, row by row."""
    return [
        Layer(*(np.array(each.detach().numpy(), order="C") for each in (module.weight, module.bias)))
        for module in network
        if isinstance(module, nn.Linear)
    ]
