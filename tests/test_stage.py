"""A stage script knows which stage it is, and tells a mistake in one message."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

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


def start(*arguments: str, stage: str = "", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=folder,
        env={**os.environ, "DVC_STAGE": stage},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "stage"),
    [
        (["phantom", "perceptron"], ""),
        ([], "train@phantom-perceptron"),
        ([], "../dvc.yaml:train_variant@phantom-perceptron"),
        (["phantom", "perceptron"], "train@phantom-feedforward"),
    ],
)
def test_from_the_command_line_or_from_dvc(arguments: list[str], stage: str) -> None:
    result = start(*arguments, stage=stage)
    assert result.stdout.split() == ["train@phantom-perceptron", "phantom", "perceptron", "1"], result.stderr


@pytest.mark.parametrize(
    ("arguments", "stage", "message"),
    [
        (["nowhere", "mlp"], "", "'nowhere' is not a data set"),
        (["phantom", "nothing"], "", "'nothing' is not a run"),
        (["phantom"], "", "expected: python stages/train.py <dataset> <run>"),
        (["a", "b", "c"], "", "expected: python stages/train.py <dataset> <run>"),
        (["--help", "mlp"], "", "expected: python stages/train.py <dataset> <run>"),
        ([], "evaluate@phantom-mlp", "this script is stage train"),
        (["phantom", "mlp"], "", "train: it is wrong\n  expected: right\n  what to do: correct it"),
    ],
)
def test_a_mistake_is_one_message_and_no_traceback(arguments: list[str], stage: str, message: str) -> None:
    result = start(*arguments, stage=stage)
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        ({"dropout": 1.2}, ["experiments.feedforward.dropout"]),
        (
            # 4 bytes for each weight and gradient of 99 layers; 16 images in 100 layers, twice.
            {"hidden_size": 100_000, "hidden_layers": 100},
            ["feedforward needs at least 7,377.9 GiB of memory, this machine has", "lower hidden_size"],
        ),
    ],
)
def test_what_cannot_be_trained_is_reported_before_training(
    tmp_path: Path, change: dict[str, Any], messages: list[str]
) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["experiments"]["feedforward"] |= change
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    result = start("phantom", "feedforward", folder=tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    for message in messages:
        assert message in result.stderr
