"""A reviewer sees what changed: parameters, accuracies, verdicts, constructions, curves."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from octrepro.core import UserError
from octrepro.core.files import write_json, write_text
from octrepro.diff.changes import curves, flat, tables
from octrepro.diff.page import html, markdown
from octrepro.diff.snapshot import of_revision, of_working_tree

TEMPLATES = Path(__file__).parents[2] / "report"


def git(*arguments: str) -> None:
    settings = ["-c", "user.name=tests", "-c", "user.email=tests@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *arguments], check=True, capture_output=True)


def write_state(correct: int, verdict: str, learning_rate: float, val: str = "0.5") -> None:
    write_text("params.yaml", yaml.safe_dump({"experiments": {"run": {"learning_rate": learning_rate}}}))
    metrics: dict[str, Any] = {"val_accuracy": 0.25, "test_accuracy": correct / 8, "test_correct": correct}
    write_json("runs/data/run/metrics.json", metrics | {"test_total": 8, "diverged": False})
    header = "epoch,train_loss,train_accuracy,val_loss,val_accuracy"
    write_text("runs/data/run/history.csv", f"{header}\n1,1.5,,1.6,0.25\n2,1.25,,1.5,{val}\n")
    claim = {"id": "a_claim", "statement": "<b>bold</b> | *claim*", "verdict": verdict}
    write_json("runs/data/claims.json", [claim])
    construction = {"name": "net", "verdict": "computes", "robust": True, "mismatches": 0}
    write_json("runs/boolean/verification.json", {"constructions": [construction]})


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report").symlink_to(TEMPLATES)
    git("init", "--quiet", "--initial-branch=main")
    write_state(correct=4, verdict="holds", learning_rate=0.1)
    git("add", "params.yaml", "runs")
    git("commit", "--quiet", "-m", "first")
    return tmp_path


def rows(title: str) -> list[tuple[str, ...]]:
    return next(
        table.rows for table in tables(of_revision("main"), of_working_tree()) if table.title == title
    )


def test_no_change_is_said(repository: Path) -> None:
    found = tables(of_revision("main"), of_working_tree())
    assert all(table.rows == [] for table in found)
    assert curves(of_revision("main"), of_working_tree()) == []
    assert markdown("title", found, []).count("No change.") == len(found)


def test_every_kind_of_change_is_listed(repository: Path) -> None:
    write_state(correct=6, verdict="fails", learning_rate=0.2, val="0.75")
    assert rows("Parameters") == [("experiments.run.learning_rate", "0.1", "0.2")]
    assert rows("Accuracies") == [("data", "run", "0.2500", "0.2500", "0.5000", "0.7500", "+2 of 8")]
    assert rows("Verdicts") == [("data", "a_claim", "<b>bold</b> | *claim*", "holds", "fails")]
    assert rows("Boolean constructions") == []
    (pair,) = curves(of_revision("main"), of_working_tree())
    assert pair.old is not None
    assert pair.new is not None
    assert pair.old["val_accuracy"] == [0.25, 0.5]
    assert pair.new["val_accuracy"] == [0.25, 0.75]


def test_new_and_removed_entries_are_shown(repository: Path) -> None:
    construction = {"name": "other", "verdict": "fails", "robust": False, "mismatches": 3}
    write_json("runs/boolean/verification.json", {"constructions": [construction]})
    assert rows("Boolean constructions") == [
        ("net", "computes, robust, 0 mismatches", "—"),
        ("other", "—", "fails, not robust, 3 mismatches"),
    ]


def test_pages_escape_what_data_says(repository: Path) -> None:
    write_state(correct=6, verdict="fails", learning_rate=0.2, val="0.75")
    old, new = of_revision("main"), of_working_tree()
    found, changed = tables(old, new), curves(old, new)
    text = markdown("a_b", found, changed)
    assert "\\<b\\>bold\\</b\\> \\| \\*claim\\*" in text
    page = html("a_b", found, changed, (old.name, new.name))
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>bold" not in page
    assert page.count("<svg") == 1
    assert "http://" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=x", ""])
def test_an_unknown_revision_is_told(repository: Path, revision: str) -> None:
    with pytest.raises(UserError, match="does not know"):
        of_revision(revision)


def test_unreadable_results_are_told(repository: Path) -> None:
    write_text("runs/data/run/metrics.json", "{")
    with pytest.raises(UserError, match="working tree"):
        of_working_tree()


def test_nested_parameters_are_flattened() -> None:
    assert flat({"a": {"b": 1, "c": {"d": [1]}}, "e": {}}) == {"a.b": 1, "a.c.d": [1], "e": {}}
    assert json.dumps(flat({})) == '{"": {}}'
