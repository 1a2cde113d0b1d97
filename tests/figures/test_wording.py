import numpy as np
import pytest

from octrepro.figures.wording import run_label, trend
from tests.figures.fakes import context


@pytest.mark.parametrize(
    ("values", "best", "words"),
    [
        ([0.2, 0.3, 0.5], "highest", "rises from 0.200 at epoch 1 to 0.500 at epoch 3"),
        (
            [0.9, 0.2, 0.5],
            "lowest",
            "falls from 0.900 at epoch 1 to 0.500 at epoch 3, lowest 0.200 at epoch 2",
        ),
        ([0.5, 0.1, 0.5], None, "goes from 0.500 at epoch 1 to 0.500 at epoch 3, between 0.100 and 0.500"),
        ([0.5, 0.5, 0.5], None, "stays at 0.500 from epoch 1 to 3"),
        ([0.5, np.nan, np.nan], None, "is 0.500 after epoch 1"),
        ([np.nan, np.inf, np.nan], None, "has no finite value"),
    ],
)
def test_a_curve_in_words(values, best, words):
    assert trend("loss", [1, 2, 3], values, best) == f"loss {words}"


def test_labels_name_what_differs_from_the_usual():
    records = context().records
    assert run_label(records["feedforward"]) == "Feed-forward network"
    assert run_label(records["feedforward_batch1024"]) == "Feed-forward network, batch 1024"
    assert run_label(records["logistic_lr0_001"]) == "Logistic regression, η = 0.001"


def test_every_run_of_params_yaml_has_a_label_of_its_own():
    labels = [run_label(record) for record in context().records.values()]
    assert len(labels) == len(set(labels))
