"""Evaluation of one trained run on all three splits."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from octrepro.config.experiments import Experiment, Feedforward
from octrepro.core.numerics import Mode
from octrepro.core.prepared import Labels, Prepared
from octrepro.core.records import RunRecord
from octrepro.evaluation.auc import auc
from octrepro.models.layers import Activation, Layer, image_scores, predict
from octrepro.training.result import COLUMNS, Trained


def evaluate(data: Prepared, experiment: Experiment, trained: Trained, numerics: Mode) -> RunRecord:
    """Predict all splits with a trained model and gather everything that is known of the run.

    Every model's forward pass is done on plain arrays in the type of its weights: float64 for the models
    from scratch, float32 for the others. With `portable` numerics those are the very products that training
    did, so that the validation accuracy is the history's last one to the image. With `native` numerics an
    image whose two best scores are within rounding of each other may be counted differently.

    `test` means those of the test images that the protocol uses, `full_test` all; `numerics` is what the run
    was trained with, and is recorded. The record's names of data set and run are for the caller to fill in.
    """
    activation: Activation = experiment.activation if isinstance(experiment, Feedforward) else "relu"
    layers = trained.layers
    train = predict(data.train_images, layers, activation)
    val = predict(data.val_images, layers, activation)
    full_scores = image_scores(data.test_images, layers, activation)
    full = np.argmax(full_scores, axis=1)
    test, test_labels = full[data.test_indices], data.test_labels[data.test_indices]
    done = len(trained.epochs)
    metrics = {
        **accuracy("test", test, test_labels),
        **accuracy("val", val, data.val_labels),
        **accuracy("train", train, data.train_labels),
        **accuracy("full_test", full, data.test_labels),
        **auc(full_scores, data.test_labels),
        "confusion": confusion_matrix(test_labels, test, data.classes).tolist(),
        "full_test_confusion": confusion_matrix(data.test_labels, full, data.classes).tolist(),
        "diverged": trained.diverged,
        "diverged_epoch": done if trained.diverged else None,
        "epochs": done,
        "updates": trained.updates,
        "multiply_adds": multiply_adds(experiment, trained, len(data.train_labels)),
        "parameters": sum(layer.weight.size + layer.bias.size for layer in layers),
        "weight_norm": weight_norm(layers),
        "numerics": numerics,
    }
    return RunRecord(
        dataset="",
        run="",
        experiment=experiment.model_dump(),
        history={
            name: np.array([epoch.get(name) for epoch in trained.epochs], np.float64) for name in COLUMNS
        },
        metrics=metrics,
        val_predictions=val,
        val_labels=data.val_labels,
        test_predictions=test,
        test_labels=test_labels,
        linear_weights=layers[0].weight.astype(np.float64) if len(layers) == 1 else None,
    )


def accuracy(split: str, predicted: Labels, labels: Labels) -> dict[str, float | int]:
    """The rate of correct predictions, always with its counts."""
    correct = int(np.count_nonzero(predicted == labels))
    return {
        f"{split}_accuracy": correct / len(labels),
        f"{split}_correct": correct,
        f"{split}_total": len(labels),
    }


def confusion_matrix(labels: Labels, predicted: Labels, classes: int) -> NDArray[np.int64]:
    """Counts, shape (classes, classes): rows are true classes, columns predicted ones."""
    return np.bincount(labels * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def weight_norm(layers: Sequence[Layer]) -> float:
    """Square root of the sum of all squared weights, biases left out; the same bits on every processor."""
    every = (float(weight) for layer in layers for weight in layer.weight.ravel())
    try:
        return math.sqrt(math.fsum(weight * weight for weight in every))
    except OverflowError:  # of a run that diverged
        return math.inf


def multiply_adds(experiment: Experiment, trained: Trained, samples: int) -> int:
    """Multiplications with addition that the linear layers take in training, counted from the method.

    Validation is not counted. Per sample of the training set and epoch, a layer of m inputs and n outputs
    takes m n for its outputs, m n for the gradient of its weights and, unless it is the first, m n for the
    gradient of its inputs. Biases, activations and the optimizer are not counted, except that the two linear
    models from scratch have their bias as a weight of a constant feature, which counts as an input. The
    perceptron takes (features + 1) x classes for each sample's scores and 2 (features + 1) for each update,
    which it makes on mistakes only.
    """
    passes = samples * len(trained.epochs)
    sizes = [int(layer.weight.size) for layer in trained.layers]
    classes, features = map(int, trained.layers[0].weight.shape)
    if experiment.model == "perceptron":
        return passes * classes * (features + 1) + 2 * (features + 1) * trained.updates
    if experiment.model == "logistic_regression":
        return passes * 2 * classes * (features + 1)
    return passes * (3 * sum(sizes) - sizes[0])
