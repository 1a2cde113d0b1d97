"""A stage script knows which stage it is, and tells a mistake in one message."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

SCRIPT = """
from octrepro.stage import Stage, main
from octrepro.core import UserError

def run(stage: Stage) -> None:
    import sys
    if stage.run == "mlp":
        raise UserError("it is wrong", expected="right", hint="correct it")
    import numpy
    import os
    print(stage.address, stage.dataset, stage.run, os.environ["OPENBLAS_NUM_THREADS"])

main("train", run)
"""


def start(*arguments: str, stage: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DVC_STAGE": stage}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "stage"),
    [
        (["phantom", "perceptron"], ""),
        ([], "train@phantom-perceptron"),
        ([], "../dvc.yaml:train@phantom-perceptron"),
        (["phantom", "perceptron"], "train@phantom-feedforward"),
    ],
)
def test_from_the_command_line_or_from_dvc(arguments: list[str], stage: str) -> None:
    result = start(*arguments, stage=stage)
    assert result.stdout.split() == ["train@phantom-perceptron", "phantom", "perceptron", "1"], result.stderr


@pytest.mark.parametrize(
    ("arguments", "stage", "message"),
    [
        (["nowhere"], "", "'nowhere' is not a data set"),
        (["phantom", "nothing"], "", "'nothing' is not a run"),
        (["a", "b", "c"], "", "expected: python stages/train.py"),
        (["--help"], "", "expected: python stages/train.py"),
        ([], "evaluate@phantom-mlp", "this script is stage train"),
        (["phantom", "mlp"], "", "train: it is wrong\n  expected: right\n  what to do: correct it"),
    ],
)
def test_a_mistake_is_one_message_and_no_traceback(arguments: list[str], stage: str, message: str) -> None:
    result = start(*arguments, stage=stage)
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_memory_that_the_machine_lacks_is_reported_before_training(tmp_path: Path) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["experiments"]["feedforward"] |= {"hidden_size": 100_000, "hidden_layers": 100}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, "phantom", "feedforward"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    # 4 bytes for each weight and gradient of 99 layers of 100,000 x 100,000; 16 images in 100 layers, twice.
    assert result.returncode == 1
    assert "feedforward needs at least 7,377.9 GiB of memory, this machine has" in result.stderr
    assert "lower hidden_size" in result.stderr
    assert result.stdout == ""


def test_bad_parameters_stop_every_stage_before_it_starts(tmp_path: Path) -> None:
    text = Path("params.yaml").read_text().replace("dropout: 0.2", "dropout: 1.2")
    (tmp_path / "params.yaml").write_text(text)
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, "phantom", "perceptron"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 1
    assert "experiments.feedforward_long_dropout.dropout" in result.stderr
