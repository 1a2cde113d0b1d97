"""Training and evaluating as processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from octrepro.core.records import RunRecord
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
RUN_LIGHT = """
import runpy, sys
runpy.run_path(sys.argv.pop(1), run_name="__main__")
sys.exit(bool({"torch", "pandas", "matplotlib"} & set(sys.modules)))
"""


def test_a_diverged_run_is_recorded_as_such_and_no_large_library_loaded(tmp_path: Path) -> None:
    samples.write_prepared(samples.random_data(100, 784, 4), tmp_path / "data/prepared/noise")
    (tmp_path / "params.yaml").write_text(PARAMS)
    for stage in ("train", "evaluate"):
        command = [sys.executable, "-c", RUN_LIGHT, str(ROOT / f"stages/{stage}.py"), "noise", "diverging"]
        subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, check=True)
    rows = (tmp_path / "runs/noise/diverging/history.csv").read_text().splitlines()
    assert len(rows) < 4
    assert "nan" in rows[-1] or "inf" in rows[-1]
    metrics = json.loads((tmp_path / "runs/noise/diverging/metrics.json").read_text())
    assert metrics["diverged"]
    assert metrics["diverged_epoch"] == len(rows) - 1
    record = RunRecord.load(tmp_path / "results/noise/diverging.npz")
    assert record.metrics == metrics
    assert record.experiment["learning_rate"] == 1e200
