"""What is compared: runs of the source report that differ in one respect, and results of others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from octrepro.study.names import settings
from octrepro.study.runs import QUESTION_RUNS


@dataclass(frozen=True)
class Comparison:
    """Runs of one question that differ in one respect."""

    question: str
    subject: str  # what is varied, in words
    parameters: tuple[str, ...]  # those in which its runs differ
    best: str | None = None  # the source report's choice, where it names one
    worst: str | None = None

    @property
    def runs(self) -> tuple[str, ...]:
        """The runs compared, in the report's order."""
        return QUESTION_RUNS[self.question]

    def label(self, experiment: Mapping[str, Any]) -> str:
        """What tells a run from the others, such as ``η = 0.1``."""
        used = [name for name in self.parameters if experiment.get(name)]
        return settings(experiment, used) or f"no {self.subject}"


TORCH_LOGISTIC_LEARNING_RATE = Comparison(
    "2.1", "learning rate", ("learning_rate",), best="torch_logistic_lr0_01"
)
LEARNING_RATE = Comparison("2.2b", "learning rate", ("learning_rate",), "feedforward", "feedforward_lr1")
REGULARIZATION = Comparison(
    "2.2c", "regularization", ("l2_decay", "dropout"), "feedforward_long", "feedforward_long_dropout"
)

COMPARISONS = (
    Comparison("1.1b", "learning rate", ("learning_rate",)),
    TORCH_LOGISTIC_LEARNING_RATE,
    Comparison("2.2a", "batch size", ("batch_size",), "feedforward", "feedforward_batch1024"),
    LEARNING_RATE,
    REGULARIZATION,
)

SOURCE = "Doerrich et al. 2025"


class Published(NamedTuple):
    """What others reached on OCTMNIST, on its whole test set of 1,000 images at 28 x 28 pixels."""

    model: str
    accuracy: str  # as printed, a share of the test images; where the source gives several seeds, their mean
    accuracy_sd: str | None  # standard deviation over seeds


# The table of OCTMNIST in BENCHMARK.md of sdoerrich97/rethinking-model-prototyping-MedMNISTPlus, whose
# percentages are written as shares here.
PUBLISHED = (
    Published("VGG16", "0.7750", "0.0286"),
    Published("DenseNet-121", "0.7287", "0.0217"),
    Published("ResNet-18", "0.6907", "0.0083"),
    Published("AlexNet", "0.6640", "0.0113"),
    Published("k nearest neighbors, best features", "0.4920", None),
)
