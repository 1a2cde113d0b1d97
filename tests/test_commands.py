"""Commands and stage scripts know what is asked of them, and tell a mistake in one message."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

STAGE = """
from octrepro.stage import Stage, main
from octrepro.core import UserError

def run(stage: Stage) -> None:
    if stage.run == "mlp":
        raise UserError("it is wrong", expected="right", hint="correct it")
    import os
    print(stage.address, stage.dataset, stage.run, os.environ["OPENBLAS_NUM_THREADS"])

main("train", run)
"""


def start(*arguments: str, stage: str = "", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    # No colors, which a service of continuous integration asks for.
    environment = {**os.environ, "DVC_STAGE": stage, "TERM": "dumb"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_stage_is_what_dvc_names() -> None:
    result = start("-c", STAGE, stage="../dvc.yaml:train_variant@phantom-perceptron")
    assert result.stdout.split() == ["train_variant@phantom-perceptron", "phantom", "perceptron", "1"]


@pytest.mark.parametrize(
    ("command", "stage", "code", "message"),
    [
        (["-c", STAGE], "train@nowhere-mlp", 1, "does not list 'nowhere'\n  expected: one of phantom"),
        (["-c", STAGE], "", 1, "this script is stage train"),
        (["-c", STAGE], "evaluate@phantom-mlp", 1, "this script is stage train"),
        (["-c", STAGE], "train@phantom-mlp", 1, "train: it is wrong\n  expected: right\n  what to do: "),
        (["-m", "octrepro", "build", "octmist"], "", 1, "'octmist' is not a data set of params.yaml"),
        (["-m", "octrepro", "build", "--jobs", "0"], "", 2, "--jobs"),
    ],
)
def test_a_mistake_is_one_message_and_no_traceback(
    command: list[str], stage: str, code: int, message: str
) -> None:
    result = start(*command, stage=stage)
    assert result.returncode == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dropout": 1.2}, "experiments.feedforward.dropout"),
        # 4 bytes for each weight and gradient of 99 layers; 16 images in 100 layers, twice.
        ({"hidden_size": 100_000, "hidden_layers": 100}, "feedforward needs at least 7,377.9 GiB of memory"),
    ],
)
def test_what_cannot_be_trained_is_reported_before_training(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["experiments"]["feedforward"] |= change
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    result = start("-c", STAGE, stage="train@phantom-feedforward", folder=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert message in result.stderr
