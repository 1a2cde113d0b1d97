import json
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from benchmarks.data import write_data
from benchmarks.measure import Measurement, distinct_runs, epoch_multiply_adds, slope
from benchmarks.rounding import measure_rounding, spread

from octrepro.config import Mlp, load_params
from octrepro.core.prepared import Prepared
from tests.oracles import data as samples

ROOT = Path(__file__).parents[2]


def test_it_writes_what_it_measured(tmp_path: Path) -> None:
    output = tmp_path / "bench.json"
    command = [sys.executable, "-m", "benchmarks", "--size", "1/400", "--output", str(output)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [*command, "--runs", "mlp"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    entries = json.loads(output.read_text())
    assert [(entry["run"], entry["size"]) for entry in entries] == [("mlp", "1/400")]
    assert "mlp" in done.stdout
    assert entries[0]["share_of_peak"] > 0
    assert entries[0]["peak_mib"] > 10
    assert entries[0]["baseline_peak_mib"] > 10


@pytest.mark.parametrize("arguments", [["--size", "0"], ["--size", "huge"], ["--runs", "nothing"]])
def test_bad_arguments_get_one_message(arguments: list[str], tmp_path: Path) -> None:
    output = tmp_path / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments, "--output", str(output)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "expected" in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists()


def test_data_have_octmnists_shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(tmp_path / "data" / "prepared" / "bench", Fraction(1, 200))
    data = Prepared.load("bench")
    assert data.train_images.shape == (487, 784)
    assert data.train_images.dtype == np.uint8
    assert data.val_images.shape == (54, 784)
    assert set(data.train_labels) == {0, 1, 2, 3}


def test_runs_of_equal_cost_are_measured_once() -> None:
    params = load_params(ROOT / "params.yaml")
    groups = distinct_runs(params)
    assert sorted(run for runs in groups.values() for run in runs) == sorted(params.experiments)
    for first, runs in groups.items():
        for run in runs:
            one, other = params.experiments[first], params.experiments[run]
            assert one.model_copy(update={"epochs": 1, "learning_rate": 1}) == other.model_copy(
                update={"epochs": 1, "learning_rate": 1}
            )


def test_work_is_counted_with_evaluation() -> None:
    params = load_params(ROOT / "params.yaml")
    linear = 784 * 4
    per_image = 784 * 200 + 200 * 200 + 200 * 4
    assert epoch_multiply_adds(params.experiments["perceptron"], Fraction(1)) == (2 * 97477 + 10832) * linear
    assert epoch_multiply_adds(params.experiments["feedforward"], Fraction(1)) == (
        97477 * (3 * per_image - 784 * 200) + 10832 * per_image
    )


def test_the_slope_is_the_exponent() -> None:
    one = Measurement("r", "1", 9.0, 2.0, 4.5, 0.1, 1.0, 1.0, 1, 1)
    points = [replace(one, size=f"1/{k * k}", product_seconds=2.0 / k**3) for k in (1, 2, 4)]
    assert slope(points) == pytest.approx(1.5)
    assert np.isnan(slope(points[:1]))


def test_rounding_is_measured_against_the_plain_algorithm() -> None:
    data = samples.random_data(200, 36, 3)
    experiment = Mlp(model="mlp", epochs=2, learning_rate=0.001, hidden_size=20)
    plain, blocked = measure_rounding(data, experiment, 42, blocks=(1, 64))
    assert (plain.block, blocked.block) == (1, 64)
    assert 0 < spread([plain.losses[0], blocked.losses[0]]) < 1e-6
