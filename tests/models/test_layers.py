import numpy as np

from octrepro.models.layers import Layer, predict


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
