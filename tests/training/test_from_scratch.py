"""The compiled loops against the plain ones of `tests.oracles.from_scratch`."""

from collections.abc import Callable

import numpy as np
import pytest

from octrepro.config import LogisticRegression, Mlp, Perceptron
from octrepro.core.prepared import Prepared
from octrepro.models.mlp import MultiLayerPerceptron
from octrepro.training.from_scratch import initial_weights, train_from_scratch
from octrepro.training.orders import compounding_orders
from octrepro.training.result import Trained
from octrepro.training.train import train
from tests.oracles import data as samples
from tests.oracles import from_scratch as oracle

# The last sizes leave no whole block of any size.
DATASETS: dict[str, Callable[[], Prepared]] = {
    "phantom": samples.phantom,
    "pneumonia": samples.pneumonia,
    "two classes": lambda: samples.random_data(203, 50, 2),
    "three classes": lambda: samples.random_data(131, 784, 3),
    "six classes": lambda: samples.random_data(307, 33, 6),
}


@pytest.fixture(params=DATASETS, ids=lambda name: name.replace(" ", "_"))
def data(request: pytest.FixtureRequest) -> Prepared:
    return DATASETS[request.param]()


def splits(data: Prepared) -> tuple[oracle.Images, oracle.Labels]:
    return data.train_images, data.train_labels


def val(data: Prepared) -> tuple[oracle.Images, oracle.Labels]:
    return data.val_images, data.val_labels


def assert_same_accuracies(trained: Trained, course: oracle.Course) -> None:
    assert [epoch.train_accuracy for epoch in trained.epochs] == course.train_accuracy
    assert [epoch.val_accuracy for epoch in trained.epochs] == course.val_accuracy


def test_perceptron_is_equal_to_the_last_bit(data: Prepared) -> None:
    trained = train_from_scratch(data, Perceptron(model="perceptron", epochs=6), seed=42)
    weights, course = oracle.perceptron(splits(data), val(data), data.classes, 6)
    assert_same_accuracies(trained, course)
    assert (trained.layers[0].weight == weights[:, :-1]).all()
    assert (trained.layers[0].bias == weights[:, -1]).all()


def test_perceptron_counts_its_mistakes() -> None:
    data = samples.random_data(60, 20, 3)
    trained = train_from_scratch(data, Perceptron(model="perceptron", epochs=1), seed=42)
    # Each mistake adds 1 to one class's bias and takes it from another's; at most one per sample.
    assert np.abs(trained.layers[0].bias).sum() / 2 <= trained.updates <= 60
    assert trained.updates > 0


@pytest.mark.parametrize("learning_rate", [0.01, 0.001])
def test_logistic_regression_follows_the_plain_loop(data: Prepared, learning_rate: float) -> None:
    experiment = LogisticRegression(model="logistic_regression", epochs=5, learning_rate=learning_rate)
    trained = train_from_scratch(data, experiment, seed=42)
    weights, course = oracle.logistic_regression(splits(data), val(data), data.classes, 5, learning_rate)
    assert_same_accuracies(trained, course)
    scale = np.abs(weights).max()
    assert np.abs(trained.layers[0].weight - weights[:, :-1]).max() <= 1e-9 * scale
    assert np.abs(trained.layers[0].bias - weights[:, -1]).max() <= 1e-9 * scale
    assert trained.updates == 5 * len(data.train_labels)


@pytest.mark.parametrize("sd", [0.01, 0.1])
@pytest.mark.parametrize("block", [1, 7, 16, 32, 64])
def test_mlp_follows_the_plain_loop_for_64_samples(block: int, sd: float, data: Prepared) -> None:
    generator = np.random.RandomState(42)
    experiment = Mlp(model="mlp", epochs=1, learning_rate=0.001, hidden_size=200, init_sd=sd)
    weights = initial_weights(experiment, data.features, data.classes, generator)
    plain = oracle.MlpWeights(weights[0].copy(), np.zeros(200), weights[1].copy(), np.zeros(data.classes))
    order = next(compounding_orders(generator, len(data.train_labels)))[:64]
    losses = [oracle.mlp_step(plain, data.train_images[i] / 256, data.train_labels[i], 0.001) for i in order]
    learner = MultiLayerPerceptron(weights, 0.001, block)
    loss = learner.train_epoch(data.train_images, data.train_labels, order)
    hidden, output = learner.layers()
    assert loss == pytest.approx(np.mean(losses), rel=1e-9)
    for got, expected in (
        (hidden.weight, plain.w1),
        (hidden.bias, plain.b1),
        (output.weight, plain.w2),
        (output.bias, plain.b2),
    ):
        assert np.abs(got - expected).max() <= 1e-9 * np.abs(expected).max()


def assert_close_after_20_epochs(data: Prepared, sd: float, hidden_size: int) -> None:
    experiment = Mlp(model="mlp", epochs=20, learning_rate=0.001, hidden_size=hidden_size, init_sd=sd)
    trained = train_from_scratch(data, experiment, seed=42)
    _, course = oracle.mlp(splits(data), val(data), data.classes, 20, 0.001, hidden_size, (0.1, sd))
    last = trained.epochs[-1]
    assert last.train_accuracy == pytest.approx(course.train_accuracy[-1], abs=0.01)
    assert last.val_accuracy == pytest.approx(course.val_accuracy[-1], abs=0.01)
    assert last.train_loss == pytest.approx(course.train_loss[-1], rel=0.03)


@pytest.mark.parametrize("sd", [0.01, 0.1])
def test_mlp_stays_close_to_the_plain_loop(sd: float) -> None:
    assert_close_after_20_epochs(samples.random_data(1500, 36, 4, val=1000), sd, hidden_size=30)


@pytest.mark.slow
@pytest.mark.parametrize("sd", [0.01, 0.1])
def test_mlp_of_full_size_ends_there_too(sd: float) -> None:
    # Pictures whose common brightness is high need some 100,000 steps before the loss settles; until then
    # accuracy jumps by tens of points from epoch to epoch, in the plain loop too.
    assert_close_after_20_epochs(samples.pneumonia(4708, 524), sd, hidden_size=200)


def test_the_seed_decides_everything() -> None:
    data = samples.random_data(90, 20, 3)
    experiment = Mlp(model="mlp", epochs=2, learning_rate=0.01, hidden_size=8)
    first, again, other = (train_from_scratch(data, experiment, seed) for seed in (42, 42, 43))
    assert first.epochs == again.epochs
    assert (first.layers[0].weight == again.layers[0].weight).all()
    assert (first.layers[0].weight != other.layers[0].weight).any()


def test_orders_compound_over_the_epochs() -> None:
    np.random.seed(5)
    reordered = np.arange(20)
    orders = compounding_orders(np.random.RandomState(5), 20)
    for _ in range(3):
        reordered = reordered[np.random.permutation(20)]
        assert (next(orders) == reordered).all()


@pytest.mark.parametrize(
    "experiment",
    [
        LogisticRegression(model="logistic_regression", epochs=4, learning_rate=1e308),
        Mlp(model="mlp", epochs=4, learning_rate=1e200, hidden_size=8),
    ],
    ids=lambda experiment: experiment.model,
)
def test_a_diverging_run_stops_and_is_recorded(experiment: LogisticRegression | Mlp) -> None:
    data = samples.random_data(90, 20, 3)
    trained = train(data, experiment, seed=42)
    assert len(trained.epochs) < 4
    assert trained.epochs[-1].val_accuracy is not None
    if experiment.model == "mlp":
        assert trained.epochs[-1].diverged
