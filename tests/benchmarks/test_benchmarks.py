import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.measure import Measurement, distinct_runs, slope
from benchmarks.rounding import spread, train_in_blocks
from benchmarks.seeds import as_one_program, largest_difference, noise, one_after_the_other

from octrepro.config import Mlp, TorchLogisticRegression, load_params
from tests.oracles import data as samples

ROOT = Path(__file__).parents[2]


def bench(output: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "--output", str(output), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )


def test_it_writes_what_it_measured(tmp_path: Path) -> None:
    output = tmp_path / "bench.json"
    done = bench(output, "--size", "1/400", "--runs", "feedforward_batch1024")
    assert done.returncode == 0, done.stderr
    assert "feedforward_batch1024" in done.stdout
    (entry,) = json.loads(output.read_text())
    assert (entry["run"], entry["size"]) == ("feedforward_batch1024", "1/400")
    train, val, first, all_layers = 244, 27, 784 * 200, 784 * 200 + 200 * 200 + 200 * 4
    assert entry["multiply_adds"] == train * (3 * all_layers - first) + val * all_layers
    assert min(entry["share_of_peak"], entry["peak_mib"], entry["baseline_peak_mib"]) > 0


@pytest.mark.parametrize("arguments", [["--size", "0"], ["--size", "huge"], ["--runs", "nothing"]])
def test_bad_arguments_get_one_message(arguments: list[str], tmp_path: Path) -> None:
    done = bench(tmp_path / "bench.json", *arguments)
    assert done.returncode == 1
    assert "expected" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "bench.json").exists()


def test_runs_of_equal_cost_are_measured_once() -> None:
    params = load_params(ROOT / "params.yaml")
    experiments, groups = params.experiments, distinct_runs(params)
    assert sorted(run for runs in groups.values() for run in runs) == sorted(experiments)
    same = {"epochs": 1, "learning_rate": 1}
    for first, runs in groups.items():
        for run in runs:
            assert experiments[first].model_copy(update=same) == experiments[run].model_copy(update=same)


def test_the_slope_is_the_exponent() -> None:
    one = Measurement("r", "1", 9.0, 2.0, 4.5, 0.1, 1.0, 1.0, 1, 1)
    points = [replace(one, size=f"1/{k * k}", product_seconds=2.0 / k**3) for k in (1, 2, 4)]
    assert slope(points) == pytest.approx(1.5)


def test_rounding_is_measured_against_the_plain_algorithm() -> None:
    data = samples.random_data(200, 36, 3)
    experiment = Mlp(model="mlp", epochs=2, learning_rate=0.001, hidden_size=20)
    plain, blocked = (train_in_blocks(data, experiment, 42, block) for block in (1, 64))
    assert (plain["block"], blocked["block"]) == (1, 64)
    assert 0 < spread([plain["losses"][0], blocked["losses"][0]]) < 1e-6


def test_seeds_as_one_program_are_those_one_after_the_other() -> None:
    experiment = TorchLogisticRegression(
        model="torch_logistic_regression", epochs=1, learning_rate=0.001, batch_size=16
    )
    data = noise(160, 20)
    alone, together = (way(data, experiment, 3) for way in (one_after_the_other, as_one_program))
    assert largest_difference(alone, together) < 1e-6
