"""The test accuracies that the source report states, all of them counts over 529 images of OCTMNIST."""

from octrepro.core.records import RunRecord
from octrepro.figures.wording import differences

REPORTED_DATASET = "octmnist"
# By run: the accuracy, and how the run differed from the usual parameters of its model.
_REPORTED = {
    "perceptron": (0.3422, []),
    "logistic_lr0_01": (0.5784, ["η 0.01"]),
    "logistic_lr0_001": (0.5936, ["η 0.001"]),
    "mlp": (0.7505, []),
    "torch_logistic_lr0_01": (0.6200, ["η 0.01"]),
    "feedforward": (0.7675, []),
    "feedforward_long_dropout": (0.7825, ["batch 256", "150 epochs", "dropout 0.2"]),
}


def reported_accuracy(record: RunRecord) -> float | None:
    """What the source report states for a run; None where it states none or the parameters differ."""
    accuracy, parameters = _REPORTED.get(record.run, (None, []))
    return accuracy if parameters == differences(record) else None
