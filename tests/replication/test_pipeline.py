"""Replicates and sweeps in the graph of stages, and results shared through a DVC remote."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
import yaml

from octrepro.replication.seeds import replicate_seeds
from tests.pipeline.conftest import Project, built, built_once, make_project

__all__ = ["built", "built_once"]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]

# One run of a comparison has replicates, and the run it is compared with has none.
REPLICATED = ["logistic_lr0_01", "feedforward"]
RUNS = [*REPLICATED, "logistic_lr0_001"]
SWEEP = {"base": "feedforward", "grid": {"learning_rate": [0.1, 0.3], "dropout": [0, 0.5]}}


@pytest.fixture(scope="module")
def replicated(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with both, built and committed."""
    project = make_project(tmp_path_factory.mktemp("replicated") / "project", RUNS)
    ask(project)
    project.run_all()
    project.commit("replicated")
    return project


def ask(project: Project) -> None:
    """Ask for further seeds of some runs, and for a sweep."""
    project.edit("replicates", 2)
    project.edit("replicated", REPLICATED)
    project.edit("sweeps", {"regularisation": SWEEP})


def test_none_by_default_and_asking_for_them_trains_no_run_again(built: Project) -> None:
    assert not list((built.folder / "runs").rglob("replicates.csv"))
    assert "replicate" not in built.dvc("stage", "list").stdout
    assert not (built.folder / "build/tasks").exists()
    assert not (built.folder / "runs/phantom/sweeps").exists()
    assert all(claim["seeds"] == 1 for claim in json.loads(built.text("runs/phantom/claims.json")))
    ask(built)
    changed = {stage.partition("@")[0] for stage in built.changed_stages()}
    assert {"replicate", "sweep"} <= changed
    assert not changed & {"fetch", "prepare", "train", "evaluate", "boolean"}


def test_they_enter_the_report(replicated: Project) -> None:
    drawn = [str(seed) for seed in replicate_seeds(42, 2)]
    for run in REPLICATED:
        rows = list(csv.DictReader(replicated.text(f"runs/phantom/{run}/replicates.csv").splitlines()))
        assert [row["seed"] for row in rows] == drawn
    rows = list(csv.DictReader(replicated.text("runs/phantom/sweeps/regularisation.csv").splitlines()))
    assert len(rows) == 4
    results = json.loads(replicated.text("runs/phantom/results.json"))
    seeds = {row["run"]: row["over_seeds"]["seeds"] for row in results["rows"] if row["over_seeds"]}
    assert seeds == dict.fromkeys(REPLICATED, 3)
    html = replicated.text("report/build/phantom/report.html")
    for told in ("Test over seeds", "from 3 seeds", "The bands span 3 seeds", "is selected"):
        assert told in html


def test_more_seeds_keep_those_there_are(replicated: Project, tmp_path: Path) -> None:
    project = replicated.copy(tmp_path / "project")
    before = set((project.folder / "build/tasks").iterdir())
    first = project.text("runs/phantom/logistic_lr0_01/replicates.csv")
    project.edit("replicates", 3)
    project.dvc("repro", "replicate@phantom-logistic_lr0_01")
    assert project.text("runs/phantom/logistic_lr0_01/replicates.csv").startswith(first)
    assert len(set((project.folder / "build/tasks").iterdir()) - before) == 1


def test_a_data_set_may_ask_for_its_own_number(replicated: Project, tmp_path: Path) -> None:
    project = replicated.copy(tmp_path / "project")
    project.edit("datasets.other", project.params["datasets"]["phantom"] | {"seed": 1, "replicates": 0})
    stages = [f"replicate@{dataset}-logistic_lr0_01" for dataset in ("phantom", "other")]
    assert ran(project, stages) == {"fetch@other", "prepare@other", "seeds@other", stages[1]}
    header = project.text("runs/other/logistic_lr0_01/replicates.csv")
    assert header.splitlines()[1:] == []
    # The global number is for the data sets without their own.
    project.edit("replicates", 1)
    assert ran(project, stages) == {"seeds@phantom", "seeds@other", stages[0]}
    project.edit("datasets.other.replicates", 1)
    assert ran(project, stages) == {"fetch@other", "prepare@other", "seeds@other", stages[1]}
    assert len(project.text("runs/other/logistic_lr0_01/replicates.csv").splitlines()) == 2


def ran(project: Project, stages: list[str]) -> set[str]:
    """Bring stages up to date; those that ran."""
    return set(re.findall("Running stage '(.*)'", project.dvc("repro", *stages).stdout))


def test_a_wrong_setting_is_one_message(replicated: Project, tmp_path: Path) -> None:
    project = replicated.copy(tmp_path / "project")
    command = ("python", "stages/replicate.py", "phantom", "logistic_lr0_01")
    result = project.run(*command, check=False, OCTREPRO_BACKEND="dask")
    assert result.returncode == 1
    assert "no scheduler is named" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_colleague_gets_everything_from_the_remote(replicated: Project, tmp_path: Path) -> None:
    ours = replicated.copy(tmp_path / "ours")
    ours.dvc("remote", "add", "--default", "shared", str(tmp_path / "remote"))
    ours.commit("name the remote")
    ours.dvc("push")
    theirs = clone(ours, tmp_path / "theirs")
    theirs.dvc("pull", "--with-deps", "report@phantom")
    report = "report/build/phantom/report.html"
    assert theirs.text(report) == ours.text(report)
    assert "didn't change" in theirs.dvc("repro", "report@phantom").stdout
    assert not (theirs.folder / "build/tasks").exists()


def test_run_cache_shares_uncommitted_results(replicated: Project, tmp_path: Path) -> None:
    ours = replicated.copy(tmp_path / "ours")
    ours.dvc("remote", "add", "--default", "shared", str(tmp_path / "remote"))
    (ours.folder / "dvc.lock").unlink()
    ours.commit("the same parameters, no results")
    theirs = clone(ours, tmp_path / "theirs")
    # Ours comes from its own run cache, which is then shared; the lock file is not.
    stages = ["replicate@phantom-logistic_lr0_01", "sweep@phantom-regularisation"]
    ours.dvc("repro", *stages)
    ours.dvc("push", "--run-cache")
    theirs.dvc("pull", "--run-cache", "--allow-missing")
    told = theirs.dvc("repro", "--pull", "--allow-missing", *stages).stdout
    for stage in stages:
        assert f"Stage '{stage}' is cached - skipping run" in told
    assert not (theirs.folder / "build/tasks").exists()
    assert yaml.safe_load(theirs.text("dvc.lock")) == yaml.safe_load(ours.text("dvc.lock"))


def clone(project: Project, folder: Path) -> Project:
    project.run("git", "clone", "--quiet", ".", str(folder))
    return Project(folder)
