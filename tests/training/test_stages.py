"""Training and evaluating as processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from octrepro.core.records import RunRecord
from octrepro.training.result import read_history
from tests.oracles import data as samples

ROOT = Path(__file__).parents[2]
PARAMS = """
seed: 42
numerics: NUMERICS
datasets: {noise: {source: file, path: noise.npz}}
experiments:
  diverging: {model: mlp, epochs: 3, learning_rate: 1.0e+200, hidden_size: 8}
  learning:
    {model: feedforward, epochs: 5, learning_rate: 0.1, batch_size: 100, hidden_size: 200, hidden_layers: 1}
boolean: {}
report: {title: Noise}
"""
RUN = """
import runpy, sys
runpy.run_path(sys.argv.pop(1), run_name="__main__")
print(*sys.modules)
"""


def run_stage(folder: Path, stage: str, run: str, **environment: str) -> list[str]:
    """The modules that the stage imported."""
    command = [sys.executable, "-c", RUN, str(ROOT / f"stages/{stage}.py"), "noise", run]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment}
    done = subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    samples.write_prepared(samples.random_data(100, 784, 4), tmp_path / "data/prepared/noise")
    return tmp_path


def test_a_diverged_run_is_recorded_as_such_and_no_large_library_loaded(folder: Path) -> None:
    (folder / "params.yaml").write_text(PARAMS.replace("NUMERICS", "portable"))
    for stage in ("train", "evaluate"):
        assert not {"torch", "pandas", "matplotlib"} & set(run_stage(folder, stage, "diverging"))
    epochs = read_history(folder / "runs/noise/diverging/history.csv")
    record = RunRecord.load(folder / "results/noise/diverging.npz")
    assert [epoch.diverged for epoch in epochs] == [False] * (len(epochs) - 1) + [True]
    assert (record.metrics["diverged"], record.metrics["diverged_epoch"]) == (True, len(epochs))
    assert record.experiment["learning_rate"] == 1e200


@pytest.mark.slow
def test_native_training_learns_and_gives_the_same_bits_whatever_threads_are_asked_for(folder: Path) -> None:
    (folder / "params.yaml").write_text(PARAMS.replace("NUMERICS", "native"))
    found = set()
    for threads in ("1", "3"):
        run_stage(folder, "train", "learning", OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads)
        found.add((folder / "runs/noise/learning/weights.safetensors").read_bytes())
    assert len(found) == 1
    losses = [epoch.train_loss for epoch in read_history(folder / "runs/noise/learning/history.csv")]
    assert losses[-1] < losses[0]
