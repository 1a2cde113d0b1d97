"""A model of one's own, added by the four edits that CONTRIBUTING names beside its test."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.oracles import data as samples
from tests.pipeline.project import RUN_ALL

ROOT = Path(__file__).parents[2]

SCHEMA = '''
class Twin(fields.Strict):
    """The perceptron by another name."""

    model: Literal["twin"]
    epochs: fields.Epochs


Experiment = Annotated[
    Twin
    | '''

MODEL = """
from octrepro.models.linear import Perceptron


class Twin(Perceptron):
    pass
"""

# Every reader of results meets the new model beside another.
PARAMS = """
seed: 42
numerics: portable
datasets: {noise: {source: file, path: noise.npz}}
experiments:
  twin: {model: twin, epochs: 2}
  perceptron: {model: perceptron, epochs: 2}
boolean: {}
report: {title: Noise}
"""


LEARNER = '    "perceptron": linear.Perceptron,\n'
EDITS = [
    ("config/experiments.py", "\nExperiment = Annotated[\n    ", SCHEMA),
    ("training/from_scratch.py", "models import linear, mlp", "models import linear, mlp, twin"),
    ("training/from_scratch.py", LEARNER, LEARNER + '    "twin": twin.Twin,\n'),
]


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
    (package / "models/twin.py").write_text(MODEL)
    (tmp_path / "params.yaml").write_text(PARAMS)
    addresses = [f"{stage}@noise-{run}" for run in ("twin", "perceptron") for stage in ("train", "evaluate")]
    addresses += ["boolean", *(f"{stage}@noise" for stage in ("seeds", "results", "claims", "figures"))]
    stages = [f"{each}={ROOT / 'stages' / each.partition('@')[0]}.py" for each in addresses]
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    subprocess.run([sys.executable, "-c", RUN_ALL, *stages], cwd=tmp_path, env=environment, check=True)
    for output in ("weights.safetensors", "history.csv"):
        twin, original = (tmp_path / "runs/noise" / run / output for run in ("twin", "perceptron"))
        assert twin.read_bytes() == original.read_bytes()
