import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.measure import Measurement, slope

ROOT = Path(__file__).parents[2]


def test_it_writes_what_it_measured(tmp_path: Path) -> None:
    output = tmp_path / "bench.json"
    command = [sys.executable, "-m", "benchmarks", "--output", str(output)]
    command += ["--size", "1/400", "--runs", "feedforward_batch1024"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    (entry,) = json.loads(output.read_text())
    assert (entry["run"], entry["size"]) == ("feedforward_batch1024", "1/400")
    train, val, first, all_layers = 244, 27, 784 * 200, 784 * 200 + 200 * 200 + 200 * 4
    assert entry["multiply_adds"] == train * (3 * all_layers - first) + val * all_layers
    assert min(entry["share_of_peak"], entry["peak_mib"], entry["baseline_peak_mib"]) > 0


def test_the_slope_is_the_exponent() -> None:
    one = Measurement("r", "1", 9.0, 2.0, 4.5, 0.1, 1.0, 1.0, 1, 1)
    points = [replace(one, size=f"1/{k * k}", product_seconds=2.0 / k**3) for k in (1, 2, 4)]
    assert slope(points) == pytest.approx(1.5)
