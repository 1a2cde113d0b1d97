"""The comparisons of the protocol, and which run of each is best and worst."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from octrepro.core.records import RunRecord
from octrepro.figures.context import Context
from octrepro.figures.wording import regularisation, setting


@dataclass(frozen=True)
class Comparison:
    """Runs that differ in one respect.

    `told` says of a run what tells it apart; `measure` is what their curves show.
    """

    question: str
    subject: str
    runs: tuple[str, ...]
    told: Callable[[RunRecord], str]
    measure: str = "loss"


def _rate(record: RunRecord) -> str:
    return setting(record, "learning_rate")


def _batch(record: RunRecord) -> str:
    return setting(record, "batch_size")


def _regularisation(record: RunRecord) -> str:
    kind = regularisation(record)
    return "no regularisation" if kind == "default" else kind


LOGISTIC_RATE = Comparison(
    "1.1b",
    "logistic regression, learning rate",
    ("logistic_lr0_01", "logistic_lr0_001"),
    _rate,
    measure="accuracy",
)
TORCH_LOGISTIC_RATE = Comparison(
    "2.1",
    "PyTorch logistic regression, learning rate",
    ("torch_logistic_lr0_001", "torch_logistic_lr0_01", "torch_logistic_lr0_1"),
    _rate,
)
BATCH_SIZE = Comparison(
    "2.2a", "feed-forward network, batch size", ("feedforward", "feedforward_batch1024"), _batch
)
LEARNING_RATE = Comparison(
    "2.2b",
    "feed-forward network, learning rate",
    ("feedforward", "feedforward_lr1", "feedforward_lr0_01", "feedforward_lr0_001"),
    _rate,
)
REGULARISATION = Comparison(
    "2.2c",
    "feed-forward network, regularisation",
    ("feedforward_long", "feedforward_long_l2", "feedforward_long_dropout"),
    _regularisation,
)


def best_and_worst(records: Sequence[RunRecord]) -> tuple[RunRecord, RunRecord]:
    """The runs with the highest and the lowest final validation accuracy.

    A run that diverged is below every run that did not; of equals the first counts.
    """

    def key(record: RunRecord) -> tuple[bool, float]:
        return not record.metrics["diverged"], float(record.metrics["val_accuracy"])

    return max(records, key=key), min(records, key=key)


def chosen(context: Context, comparison: Comparison) -> tuple[RunRecord, RunRecord]:
    """Best and worst of a comparison, if at least two of its runs are there."""
    return best_and_worst(context.present(comparison.runs, least=2))
