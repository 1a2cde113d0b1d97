"""The protocol written as plainly as possible, with no thought of speed: what training must agree with."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Course:
    """The final weights and biases in their order, and what happened, epoch by epoch."""

    weights: list[Any]
    train_accuracy: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    train_loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
