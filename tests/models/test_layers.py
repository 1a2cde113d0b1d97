import numpy as np
import pytest

from octrepro.models.layers import Activation, Layer, predict, scores


@pytest.mark.parametrize(("activation", "function"), [("relu", lambda z: max(z, 0.0)), ("tanh", np.tanh)])
def test_activations_stand_between_layers_only(activation: Activation, function: np.ufunc) -> None:
    layers = [
        Layer(np.array([[1.0], [-1.0]]), np.array([0.5, 0.5])),
        Layer(np.array([[-1.0, 2.0]]), np.zeros(1)),
    ]
    found = scores(np.array([[2.0]]), layers, activation)[0, 0]
    assert found == pytest.approx(-function(2.5) + 2 * function(-1.5))


def test_the_first_of_equal_scores_wins_and_a_diverged_model_still_predicts() -> None:
    images = np.full((2, 3), 255, dtype=np.uint8)
    assert predict(images, [Layer(np.ones((4, 3)), np.array([0.0, 1.0, 1.0, 0.5]))]).tolist() == [1, 1]
    assert predict(images, [Layer(np.full((3, 3), np.inf), np.full(3, -np.inf))]).tolist() == [0, 0]


def test_how_many_images_are_predicted_together_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (1000, 9), dtype=np.uint8)
    layers = [Layer(rng.normal(size=(4, 9)), rng.normal(size=4))]
    alone = [predict(images[i : i + 1], layers)[0] for i in range(len(images))]
    assert (predict(images, layers) == alone).all()
