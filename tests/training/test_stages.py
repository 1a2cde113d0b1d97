"""The train and evaluate stages as the pipeline runs them: in a folder of their own, as processes."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from octrepro.config import load_params
from octrepro.core.prepared import Prepared
from octrepro.core.records import RunRecord
from octrepro.training.history import write_history
from octrepro.training.train import train
from octrepro.training.weights import write_weights
from tests.oracles import data as samples

ROOT = Path(__file__).parents[2]
PARAMS = """
seed: 42
numerics: {numerics}
datasets: {{noise: {{source: file, path: noise.npz}}}}
experiments:
  perceptron: {{model: perceptron, epochs: 2}}
  logistic: {{model: logistic_regression, epochs: 2, learning_rate: 0.01}}
  mlp: {{model: mlp, epochs: 2, learning_rate: 0.001, hidden_size: 64}}
  diverging: {{model: mlp, epochs: 3, learning_rate: 1.0e+200, hidden_size: 8}}
  network: {{model: feedforward, epochs: 2, learning_rate: 0.1, batch_size: 200, hidden_size: 200,
    hidden_layers: 2, dropout: 0.2}}
boolean: {{}}
report: {{title: Noise}}
"""


def write_project(folder: Path, data: Prepared, numerics: str = "portable") -> Path:
    prepared = folder / "data" / "prepared" / "noise"
    prepared.mkdir(parents=True)
    for split in ("train", "val", "test"):
        for kind in ("images", "labels"):
            np.save(prepared / f"{split}_{kind}.npy", getattr(data, f"{split}_{kind}"))
    np.save(prepared / "test_indices.npy", data.test_indices)
    (prepared / "summary.json").write_text(json.dumps(data.summary))
    (folder / "params.yaml").write_text(PARAMS.format(numerics=numerics))
    return folder


def run_stage(folder: Path, stage: str, run: str, **environment: str) -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "stages" / f"{stage}.py"), "noise", run],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
        check=True,
        capture_output=True,
    )


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for top in ("runs", "results") for path in (folder / top).rglob("*.*"))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize(
    ("run", "numerics"),
    [
        ("mlp", "portable"),
        ("network", "portable"),
        pytest.param("network", "native", marks=pytest.mark.slow),
    ],
)
def test_bits_depend_on_neither_threads_nor_place(tmp_path: Path, run: str, numerics: str) -> None:
    # Large enough products that libraries would split them between threads if they were let.
    data = samples.random_data(600, 784, 4, val=300)
    here = write_project(tmp_path / "here", data, numerics)
    there = write_project(tmp_path / "another place" / "deep" / "down", data, numerics)
    several = {f"{library}_NUM_THREADS": "2" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    for stage in ("train", "evaluate"):
        run_stage(here, stage, run, PYTHONHASHSEED="1", LC_ALL="C", TZ="UTC")
        run_stage(there, stage, run, PYTHONHASHSEED="2", TZ="Asia/Tokyo", **several)
    assert hashes(here) == hashes(there)
    assert set(hashes(here)) == {
        f"runs/noise/{run}/history.csv",
        f"runs/noise/{run}/weights.safetensors",
        f"runs/noise/{run}/metrics.json",
        f"results/noise/{run}.npz",
    }


def test_a_diverged_run_succeeds_and_is_recorded_as_such(tmp_path: Path) -> None:
    folder = write_project(tmp_path, samples.random_data(100, 784, 4))
    for stage in ("train", "evaluate"):
        run_stage(folder, stage, "diverging")
    rows = (folder / "runs/noise/diverging/history.csv").read_text().splitlines()
    assert len(rows) < 4
    assert "nan" in rows[-1] or "inf" in rows[-1]
    metrics = json.loads((folder / "runs/noise/diverging/metrics.json").read_text())
    assert metrics["diverged"]
    assert metrics["diverged_epoch"] == len(rows) - 1
    record = RunRecord.load(folder / "results/noise/diverging.npz")
    assert record.metrics == metrics
    assert record.experiment["learning_rate"] == 1e200


def test_evaluating_loads_no_deep_learning_library(tmp_path: Path) -> None:
    data = samples.random_data(100, 784, 4)
    folder = write_project(tmp_path, data)
    trained = train(data, load_params(folder / "params.yaml").runs["network"], seed=42)
    write_history(folder / "runs/noise/network/history.csv", trained.epochs)
    write_weights(folder / "runs/noise/network/weights.safetensors", trained.layers, trained.updates)
    code = (
        "import runpy, sys; sys.argv[1:] = ['noise', 'network'];"
        f"runpy.run_path({str(ROOT / 'stages' / 'evaluate.py')!r}, run_name='__main__');"
        "sys.exit(bool({'torch', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, check=True)
