"""Training and evaluating as processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

from octrepro.core.records import RunRecord
from octrepro.training.result import read_history
from tests.oracles import data as samples

ROOT = Path(__file__).parents[2]
PARAMS = """
seed: 42
numerics: portable
datasets: {noise: {source: file, path: noise.npz}}
experiments:
  diverging: {model: mlp, epochs: 3, learning_rate: 1.0e+200, hidden_size: 8}
boolean: {}
report: {title: Noise}
"""
RUN = """
import runpy, sys
runpy.run_path(sys.argv.pop(1), run_name="__main__")
print(*sys.modules)
"""


def test_a_diverged_run_is_recorded_as_such_and_no_large_library_loaded(tmp_path: Path) -> None:
    samples.write_prepared(samples.random_data(100, 784, 4), tmp_path / "data/prepared/noise")
    (tmp_path / "params.yaml").write_text(PARAMS)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    for stage in ("train", "evaluate"):
        command = [sys.executable, "-c", RUN, str(ROOT / f"stages/{stage}.py"), "noise", "diverging"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, check=True, stdout=subprocess.PIPE)
        assert not {"torch", "pandas", "matplotlib"} & set(done.stdout.decode().split())
    epochs = read_history(tmp_path / "runs/noise/diverging/history.csv")
    record = RunRecord.load(tmp_path / "results/noise/diverging.npz")
    assert [epoch.diverged for epoch in epochs] == [False] * (len(epochs) - 1) + [True]
    assert (record.metrics["diverged"], record.metrics["diverged_epoch"]) == (True, len(epochs))
    assert record.experiment["learning_rate"] == 1e200
