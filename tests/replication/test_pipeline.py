"""Replicates and sweeps in the graph of stages, and results shared through a DVC remote."""

import csv
import json
import re
from pathlib import Path

import pytest
import yaml

from octrepro.replication.seeds import replicate_seeds
from tests.pipeline.conftest import Project, built, built_once

__all__ = ["built", "built_once"]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]

STAGES = ["replicate@phantom-perceptron", "sweep@phantom-lengths"]


def test_they_enter_the_report(built_once: Project) -> None:
    drawn = [str(seed) for seed in replicate_seeds(42, 2)]
    replicated = built_once.params["replicated"]
    for run in replicated:
        rows = list(csv.DictReader(built_once.text(f"runs/phantom/{run}/replicates.csv").splitlines()))
        assert [row["seed"] for row in rows] == drawn
    assert len(built_once.text("runs/phantom/sweeps/lengths.csv").splitlines()) == 3
    results = json.loads(built_once.text("runs/phantom/results.json"))
    seeds = {row["run"]: row["over_seeds"]["seeds"] for row in results["rows"] if row["over_seeds"]}
    assert seeds == dict.fromkeys(replicated, 3)
    html = built_once.text("report/build/phantom/report.html")
    for told in ("Test over seeds", "from 3 seeds", "The bands span 3 seeds", "is selected"):
        assert told in html


def test_asking_for_more_trains_those_alone(built: Project) -> None:
    tasks = built.folder / "build/tasks"
    first, before = built.text("runs/phantom/perceptron/replicates.csv"), set(tasks.iterdir())
    built.edit("replicates", 3)
    kinds = {stage.partition("@")[0] for stage in built.changed_stages()}
    assert not kinds & {"fetch", "prepare", "train", "evaluate", "boolean"}
    # A data set may ask for its own number; the global one is for those without.
    built.edit("datasets.other", built.params["datasets"]["phantom"] | {"seed": 1, "replicates": 0})
    other = "replicate@other-perceptron"
    assert ran(built, STAGES[0], other) == {
        *("seeds@phantom", STAGES[0]),
        *("fetch@other", "prepare@other", "seeds@other", other),
    }
    assert built.text("runs/phantom/perceptron/replicates.csv").startswith(first)
    assert len(set(tasks.iterdir()) - before) == 1
    assert len(built.text("runs/other/perceptron/replicates.csv").splitlines()) == 1
    built.edit("replicates", 2)
    # DVC has seen these seeds before.
    assert ran(built, STAGES[0], other) <= {"seeds@phantom", "seeds@other"}
    assert built.text("runs/phantom/perceptron/replicates.csv") == first


def ran(project: Project, *stages: str) -> set[str]:
    """Bring stages up to date; those that ran."""
    return set(re.findall("Running stage '(.*)'", project.dvc("repro", *stages).stdout))


def test_a_wrong_setting_is_one_message(built_once: Project) -> None:
    command = ("python", "stages/replicate.py", "phantom", "perceptron")
    result = built_once.run(*command, check=False, OCTREPRO_BACKEND="dask")
    assert result.returncode == 1
    assert "no scheduler is named" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_colleague_gets_everything_from_the_remote(built: Project, tmp_path: Path) -> None:
    built.dvc("remote", "add", "--default", "shared", str(tmp_path / "remote"))
    built.commit("name the remote")
    built.dvc("push")
    theirs = clone(built, tmp_path / "theirs")
    theirs.dvc("pull", "--with-deps", "report@phantom")
    report = "report/build/phantom/report.html"
    assert theirs.text(report) == built.text(report)
    assert "didn't change" in theirs.dvc("repro", "report@phantom").stdout
    assert not (theirs.folder / "build/tasks").exists()


def test_run_cache_shares_uncommitted_results(built: Project, tmp_path: Path) -> None:
    built.dvc("remote", "add", "--default", "shared", str(tmp_path / "remote"))
    (built.folder / "dvc.lock").unlink()
    built.commit("the same parameters, no results")
    theirs = clone(built, tmp_path / "theirs")
    # Ours comes from its own run cache, which is then shared; the lock file is not.
    built.dvc("repro", *STAGES)
    built.dvc("push", "--run-cache")
    theirs.dvc("pull", "--run-cache", "--allow-missing")
    told = theirs.dvc("repro", "--pull", "--allow-missing", *STAGES).stdout
    for stage in STAGES:
        assert f"Stage '{stage}' is cached - skipping run" in told
    assert not (theirs.folder / "build/tasks").exists()
    assert yaml.safe_load(theirs.text("dvc.lock")) == yaml.safe_load(built.text("dvc.lock"))


def clone(project: Project, folder: Path) -> Project:
    project.run("git", "clone", "--quiet", ".", str(folder))
    return Project(folder)
