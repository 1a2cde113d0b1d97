"""Names that a reader sees: of models, of their parameters, of runs, and of the report itself.

A model or parameter that is not listed is called by its key, so adding one needs no edit here.
"""

from collections.abc import Collection, Mapping
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


def settings(parameters: Mapping[str, Any], wanted: Collection[str] | None = None) -> str:
    """Parameters of a run in words, or those `wanted` of them, such as ``η = 0.1, batch 16``."""
    words = []
    for name in dict.fromkeys([*_PARAMETERS, *parameters]):
        if name in parameters and name != "model" and (wanted is None or name in wanted):
            value = parameters[name]
            template = _PARAMETERS.get(name, f"{name.replace('_', ' ')} {{}}")
            words.append(template.format(f"{value:g}" if isinstance(value, float) else value))
    return ", ".join(words)


def run_label(experiment: Mapping[str, Any]) -> str:
    """A run's model and what differs from its defaults, such as ``Feed-forward network, batch 1024``."""
    own = settings(differing(experiment))
    return model_name(experiment["model"]) + (f", {own}" if own else "")


def report_title(chosen: str | None, is_retinal: bool, dataset_title: str) -> str:
    """The title of a data set's report: the one `chosen` in params.yaml, or one that fits the images."""
    images = "retinal OCT images" if is_retinal else dataset_title
    return chosen or f"Linear classifiers and neural networks on {images}"
