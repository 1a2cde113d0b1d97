"""The source report's comparisons: runs that differ in one respect, and which it calls best and worst."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from octrepro.study.names import settings
from octrepro.study.runs import QUESTION_RUNS


@dataclass(frozen=True)
class Comparison:
    """Runs of one question that differ in one respect."""

    id: str
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


LOGISTIC_LEARNING_RATE = Comparison("logistic_learning_rate", "1.1b", "learning rate", ("learning_rate",))
TORCH_LOGISTIC_LEARNING_RATE = Comparison(
    "torch_logistic_learning_rate", "2.1", "learning rate", ("learning_rate",), best="torch_logistic_lr0_01"
)
BATCH_SIZE = Comparison(
    "batch_size", "2.2a", "batch size", ("batch_size",), "feedforward", "feedforward_batch1024"
)
LEARNING_RATE = Comparison(
    "learning_rate", "2.2b", "learning rate", ("learning_rate",), "feedforward", "feedforward_lr1"
)
REGULARIZATION = Comparison(
    "regularization",
    "2.2c",
    "regularization",
    ("l2_decay", "dropout"),
    "feedforward_long",
    "feedforward_long_dropout",
)

COMPARISONS = (
    LOGISTIC_LEARNING_RATE,
    TORCH_LOGISTIC_LEARNING_RATE,
    BATCH_SIZE,
    LEARNING_RATE,
    REGULARIZATION,
)
