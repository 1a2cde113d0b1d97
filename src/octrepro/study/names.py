"""Names that a reader sees: of models, of their parameters, of runs, and of the report itself.

A model or parameter that is not listed is called by its key, so adding one needs no edit here.
"""

from collections.abc import Mapping
from typing import Any

from octrepro.study.runs import differing

_MODELS = {
    "mlp": "MLP",
    "torch_logistic_regression": "Logistic regression (PyTorch)",
    "feedforward": "Feed-forward network",
}
_PARAMETERS = {
    "learning_rate": "η = {}",
    "batch_size": "batch {}",
    "epochs": "{} epochs",
    "hidden_size": "{} hidden units",
    "hidden_layers": "{} hidden layers",
    "dropout": "dropout {}",
    "activation": "{}",
    "l2_decay": "L2 {}",
    "optimizer": "{}",
    "init_mean": "initial mean {}",
    "init_sd": "initial sd {}",
}


def model_name(model: str) -> str:
    """A model in words, such as ``Logistic regression``."""
    return _MODELS.get(model) or model.replace("_", " ").capitalize()


def setting(name: str, value: Any) -> str:
    """A parameter's value in words, such as ``batch 16``."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return _PARAMETERS.get(name, f"{name.replace('_', ' ')} {{}}").format(text)


def settings(parameters: Mapping[str, Any]) -> str:
    """Parameters of a run in words, such as ``η = 0.1, batch 16``."""
    known = [name for name in _PARAMETERS if name in parameters]
    others = [name for name in parameters if name not in _PARAMETERS and name != "model"]
    return ", ".join(setting(name, parameters[name]) for name in [*known, *others])


def run_label(experiment: Mapping[str, Any]) -> str:
    """A run's model and what differs from its defaults, such as ``Feed-forward network, batch 1024``."""
    own = settings(differing(experiment))
    return model_name(experiment["model"]) + (f", {own}" if own else "")


def report_title(chosen: str | None, is_retinal: bool, dataset_title: str) -> str:
    """The title of a data set's report: the one `chosen` in params.yaml, or one that fits the images."""
    images = "retinal OCT images" if is_retinal else dataset_title
    return chosen or f"Linear classifiers and neural networks on {images}"
