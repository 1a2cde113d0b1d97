"""A project of one run, committed, whose results a test may change."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.repo import Repo

from octrepro.core.files import write_json, write_text

TEMPLATES = Path(__file__).parents[2] / "report"
STATEMENT = r"<b>bold</b> | *claim* at $\eta = 0.1$"


def git(*arguments: str) -> None:
    settings = ["-c", "user.name=tests", "-c", "user.email=tests@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *arguments], check=True, capture_output=True)


def write_state(correct: int, verdict: str, learning_rate: float, val: str = "0.5") -> None:
    write_text("params.yaml", yaml.safe_dump({"experiments": {"run": {"learning_rate": learning_rate}}}))
    metrics: dict[str, Any] = {"val_accuracy": 0.25, "test_accuracy": correct / 8, "test_correct": correct}
    write_json("runs/data/run/metrics.json", metrics)
    header = "epoch,train_loss,train_accuracy,val_loss,val_accuracy"
    write_text("runs/data/run/history.csv", f"{header}\n1,1.5,,1.6,0.25\n2,1.25,,1.5,{val}\n")
    write_json("runs/data/claims.json", [{"id": "a_claim", "statement": STATEMENT, "verdict": verdict}])
    construction = {"name": "net", "verdict": "computes", "robust": True, "mismatches": 0}
    write_json("runs/boolean/verification.json", {"constructions": [construction]})


def write_lock(checksum: str) -> None:
    stage = {"cmd": "train", "outs": [{"path": "results/data/run.npz", "md5": checksum}]}
    write_text("dvc.lock", yaml.safe_dump({"schema": "2.0", "stages": {"train@data-run": stage}}))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's folder; another run that dvc.yaml lists was never built."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "report").symlink_to(TEMPLATES)
    git("init", "--quiet", "--initial-branch=main")
    Repo.init().close()
    listed = ["runs/data/run/metrics.json", "runs/other/run/metrics.json"]
    write_text("dvc.yaml", yaml.safe_dump({"params": ["params.yaml"], "metrics": listed}))
    write_state(correct=4, verdict="holds", learning_rate=0.1)
    write_lock("1" * 32)
    git("add", "dvc.yaml", "dvc.lock", "params.yaml", "runs", ".dvc")
    git("commit", "--quiet", "-m", "first")
    return tmp_path
