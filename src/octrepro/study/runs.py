"""The source report's runs: the questions they answer, their parameters and the accuracies it prints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# The data behind every number of the source report, by its name in MedMNIST.
DATASET = "octmnist"
# Every accuracy of the source report is a count over this many test images, printed to 4 decimals.
TEST_IMAGES = 529
DECIMALS = 4

# The parameters that the protocol takes for granted, by model; others always tell one run from another.
DEFAULTS: dict[str, dict[str, Any]] = {
    "perceptron": {"epochs": 20},
    "logistic_regression": {"epochs": 50},
    "mlp": {"epochs": 20, "learning_rate": 0.001, "hidden_size": 200, "init_mean": 0.1, "init_sd": 0.01},
    "torch_logistic_regression": {"epochs": 20, "batch_size": 16, "l2_decay": 0.0, "optimizer": "sgd"},
    "feedforward": {
        "epochs": 20,
        "learning_rate": 0.1,
        "batch_size": 16,
        "hidden_size": 200,
        "hidden_layers": 2,
        "dropout": 0.0,
        "activation": "relu",
        "l2_decay": 0.0,
        "optimizer": "sgd",
    },
}


@dataclass(frozen=True)
class Run:
    """A run of the source report."""

    questions: tuple[str, ...]  # that it answers
    model: str
    differing: Mapping[str, Any] = field(default_factory=dict)  # parameters unlike the model's defaults
    reported: str | None = None  # the test accuracy as printed, a text since its decimals count

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters of the run, its model among them."""
        return {"model": self.model, **DEFAULTS[self.model], **self.differing}


_LONG = {"epochs": 150, "batch_size": 256}

RUNS: dict[str, Run] = {
    "perceptron": Run(("1.1a",), "perceptron", {}, "0.3422"),
    "logistic_lr0_01": Run(("1.1b",), "logistic_regression", {"learning_rate": 0.01}, "0.5784"),
    "logistic_lr0_001": Run(("1.1b",), "logistic_regression", {"learning_rate": 0.001}, "0.5936"),
    "mlp": Run(("1.2b",), "mlp", {}, "0.7505"),
    "torch_logistic_lr0_001": Run(("2.1",), "torch_logistic_regression", {"learning_rate": 0.001}),
    "torch_logistic_lr0_01": Run(("2.1",), "torch_logistic_regression", {"learning_rate": 0.01}, "0.6200"),
    "torch_logistic_lr0_1": Run(("2.1",), "torch_logistic_regression", {"learning_rate": 0.1}),
    "feedforward": Run(("2.2a", "2.2b"), "feedforward", {}, "0.7675"),
    "feedforward_batch1024": Run(("2.2a",), "feedforward", {"batch_size": 1024}),
    "feedforward_lr1": Run(("2.2b",), "feedforward", {"learning_rate": 1.0}),
    "feedforward_lr0_01": Run(("2.2b",), "feedforward", {"learning_rate": 0.01}),
    "feedforward_lr0_001": Run(("2.2b",), "feedforward", {"learning_rate": 0.001}),
    "feedforward_long": Run(("2.2c",), "feedforward", _LONG),
    "feedforward_long_l2": Run(("2.2c",), "feedforward", {**_LONG, "l2_decay": 0.0001}),
    "feedforward_long_dropout": Run(("2.2c",), "feedforward", {**_LONG, "dropout": 0.2}, "0.7825"),
}

# Which runs answer which question.
QUESTION_RUNS: dict[str, tuple[str, ...]] = {
    question: tuple(name for name, run in RUNS.items() if question in run.questions)
    for question in dict.fromkeys(question for run in RUNS.values() for question in run.questions)
}


def differing(experiment: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a run that its model's defaults do not give; all of them for an unknown model."""
    defaults = DEFAULTS.get(experiment["model"], {})
    return {
        name: value
        for name, value in experiment.items()
        if name != "model" and (name not in defaults or defaults[name] != value)
    }


def deviation(name: str, experiment: Mapping[str, Any]) -> str | None:
    """How a run departs from the source report's run of the same name, as a clause; None when it does not."""
    run = RUNS.get(name)
    if run is None:
        return "not a run of the source report"
    if experiment["model"] != run.model or differing(experiment) != run.differing:
        return "other parameters"
    return None
