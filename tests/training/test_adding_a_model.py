"""A model of one's own, added by the steps that CONTRIBUTING names: four edits, and its test, the fifth."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from octrepro.core.prepared import Prepared
from tests.oracles import data as samples
from tests.pipeline.project import RUN_ALL

ROOT = Path(__file__).parents[2]

SCHEMA = '''
class Adaline(fields.Strict):
    """Linear classifier from scratch, by least squares."""

    model: Literal["adaline"]
    epochs: fields.Epochs
    learning_rate: fields.Positive


Experiment = Annotated[
    Adaline
    | '''

MODEL = """
import numpy as np

from octrepro.models.layers import Layer


class Adaline:
    def __init__(self, experiment, data, generator):
        self.weights, self.biases = np.zeros((data.classes, data.features)), np.zeros(data.classes)
        self.rate, self.updates = experiment.learning_rate, 0

    def train_epoch(self, images, labels, order):
        for x, label in zip(images[order] / 256, labels[order]):
            error = self.weights @ x + self.biases - np.eye(len(self.biases))[label]
            self.weights -= self.rate * np.outer(error, x)
            self.biases -= self.rate * error
        self.updates += order.size

    def layers(self):
        return [Layer(self.weights.copy(), self.biases.copy())]
"""

# Every reader of results meets the new model beside another.
PARAMS = """
seed: 42
numerics: portable
datasets: {noise: {source: file, path: noise.npz}}
experiments:
  adaline: {model: adaline, epochs: 2, learning_rate: 0.001}
  perceptron: {model: perceptron, epochs: 2}
boolean: {}
report: {title: Noise}
"""


LEARNER = '    "perceptron": perceptron.Perceptron,\n'
EDITS = [
    ("config/experiments.py", "\nExperiment = Annotated[\n    ", SCHEMA),
    ("training/from_scratch.py", "models import ", "models import adaline, "),
    ("training/from_scratch.py", LEARNER, LEARNER + '    "adaline": adaline.Adaline,\n'),
]


def plain_loop(data: Prepared) -> NDArray[np.float64]:
    np.random.seed(42)
    x = np.hstack([data.train_images / 256, np.ones((len(data.train_labels), 1))])
    y = np.eye(data.classes)[data.train_labels]
    w = np.zeros((data.classes, x.shape[1]))
    for _ in range(2):
        order = np.random.permutation(len(x))
        x, y = x[order], y[order]
        for x_i, y_i in zip(x, y, strict=True):
            w -= 0.001 * np.outer(w @ x_i - y_i, x_i)
    return w


@pytest.mark.slow
def test_a_model_is_added_by_the_documented_steps(tmp_path: Path) -> None:
    data = samples.random_data(100, 784, 4)
    data.summary.update(synthetic=False, image_shape=[28, 28])
    samples.write_prepared(data, tmp_path / "data/prepared/noise")
    package = tmp_path / "src/octrepro"
    shutil.copytree(ROOT / "src/octrepro", package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in EDITS:
        text = (package / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name}: {old!r}"
        (package / name).write_text(text.replace(old, new), encoding="utf-8")
    (package / "models/adaline.py").write_text(MODEL)
    (tmp_path / "params.yaml").write_text(PARAMS)
    addresses = [
        f"{stage}@noise-{run}" for run in ("adaline", "perceptron") for stage in ("train", "evaluate")
    ]
    addresses += ["boolean", *(f"{stage}@noise" for stage in ("seeds", "results", "claims", "figures"))]
    stages = [f"{each}={ROOT / 'stages' / each.partition('@')[0]}.py" for each in addresses]
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    subprocess.run([sys.executable, "-c", RUN_ALL, *stages], cwd=tmp_path, env=environment, check=True)
    weights = load_file(tmp_path / "runs/noise/adaline/weights.safetensors")
    np.testing.assert_allclose(weights["layers.0.weight"], plain_loop(data)[:, :-1], rtol=1e-9, atol=1e-12)
    metrics = json.loads((tmp_path / "runs/noise/adaline/metrics.json").read_text())
    assert metrics["multiply_adds"] == 2 * 100 * 2 * 784 * 4
