"""The compiled loops against the plain ones of `tests.oracles.from_scratch`."""

import numpy as np
import pytest

from octrepro.config.experiments import LogisticRegression, Mlp, Perceptron
from octrepro.core.prepared import Prepared
from octrepro.models.layers import Layer
from octrepro.models.mlp import MultiLayerPerceptron
from octrepro.training.train import train
from tests.oracles import data as samples
from tests.oracles import from_scratch as oracle


@pytest.fixture(params=samples.DATASETS)
def data(request: pytest.FixtureRequest) -> Prepared:
    return samples.DATASETS[request.param]()


def mlp(**changes: float) -> Mlp:
    return Mlp(**{"model": "mlp", "epochs": 2, "learning_rate": 0.001, "hidden_size": 200, **changes})


def arrays(layers: list[Layer]) -> list[oracle.Floats]:
    return [array for layer in layers for array in (layer.weight, layer.bias)]


def assert_close(layers: list[Layer], weights: list[oracle.Floats], tolerance: float = 1e-9) -> None:
    for got, expected in zip(arrays(layers), weights, strict=True):
        assert np.abs(got - expected).max() <= tolerance * np.abs(expected).max()


@pytest.mark.parametrize(
    ("experiment", "tolerance"),
    [
        (Perceptron(model="perceptron", epochs=6), 0.0),  # equal to the last bit
        (LogisticRegression(model="logistic_regression", epochs=5, learning_rate=0.01), 1e-9),
    ],
)
def test_linear_models_follow_the_plain_loop(
    data: Prepared, experiment: Perceptron | LogisticRegression, tolerance: float
) -> None:
    trained, (weights, epochs) = train(data, experiment, seed=5), oracle.train(data, experiment, seed=5)
    for ours, plain in zip(trained.epochs, epochs, strict=True):
        assert ours == {**plain, "train_loss": None}
    assert_close(trained.layers, weights, tolerance)
    steps = experiment.epochs * len(data.train_labels)
    mistakes = round(np.mean([epoch["train_loss"] for epoch in epochs]) * steps)
    assert trained.updates == (mistakes if experiment.model == "perceptron" else steps) > 0


@pytest.mark.parametrize("sd", [0.01, 0.1])
@pytest.mark.parametrize("block", [1, 7, 16, 32, 64])
def test_mlp_follows_the_plain_loop_for_64_samples(block: int, sd: float, data: Prepared) -> None:
    experiment = mlp(init_sd=sd)
    learner = MultiLayerPerceptron(experiment, data, np.random.RandomState(42), block=block)
    plain = arrays(learner.layers())
    order = np.random.RandomState(5).permutation(len(data.train_labels))[:64]
    x, y = data.train_images / 256, data.train_labels
    losses = [oracle.mlp_step(plain, x[i], y[i], experiment) for i in order]
    loss = learner.train_epoch(data.train_images, data.train_labels, order)
    assert loss == pytest.approx(np.mean(losses), rel=1e-9)
    assert_close(learner.layers(), plain)


@pytest.mark.parametrize("sd", [0.01, 0.1])
def test_mlp_stays_close_to_the_plain_loop(sd: float) -> None:
    data = samples.random_data(1500, 36, 4, val=1000)
    experiment = mlp(epochs=20, hidden_size=30, init_sd=sd)
    (*_, ours), (*_, plain) = train(data, experiment, 42).epochs, oracle.train(data, experiment, 42)[1]
    assert ours["train_accuracy"] == pytest.approx(plain["train_accuracy"], abs=0.01)
    assert ours["val_accuracy"] == pytest.approx(plain["val_accuracy"], abs=0.01)
    assert ours["train_loss"] == pytest.approx(plain["train_loss"], rel=0.03)
