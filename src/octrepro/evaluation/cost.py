"""How much arithmetic a training run is, counted from the method and not from how it was computed."""

from octrepro.config import Experiment
from octrepro.training.result import Trained


def multiply_adds(experiment: Experiment, trained: Trained, samples: int) -> int:
    """Multiplications with addition that the linear layers take in training; validation is not counted.

    Per sample of the training set and epoch, a layer of m inputs and n outputs takes m n for its outputs, m n
    for the gradient of its weights and, unless it is the first, m n for the gradient of its inputs. Biases,
    activations and the optimizer are not counted, except that the two linear models from scratch have their
    bias as a weight of a constant feature, which counts as an input. The perceptron takes (features + 1) x
    classes for each sample's scores and 2 (features + 1) for each update, which it makes on mistakes only.
    """
    passes = samples * len(trained.epochs)
    sizes = [int(layer.weight.size) for layer in trained.layers]
    classes, features = map(int, trained.layers[0].weight.shape)
    if experiment.model == "perceptron":
        return passes * classes * (features + 1) + 2 * (features + 1) * trained.updates
    if experiment.model == "logistic_regression":
        return passes * 2 * classes * (features + 1)
    return passes * (3 * sum(sizes) - sizes[0])
