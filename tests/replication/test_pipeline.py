"""Replicates and sweeps in the graph of stages, and results shared through a DVC remote."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from octrepro.replication.seeds import replicate_seeds
from tests.pipeline.conftest import Project, make_project

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]

# One run of a comparison has replicates, and the run it is compared with has none.
REPLICATED = ["logistic_lr0_01", "feedforward"]
RUNS = [*REPLICATED, "logistic_lr0_001"]
SWEEP = {"base": "feedforward", "grid": {"learning_rate": [0.1, 0.3], "dropout": [0, 0.5]}}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project without replicates and sweeps, built and committed."""
    project = make_project(tmp_path_factory.mktemp("plain") / "project", RUNS)
    project.dvc("repro", "report@phantom")
    project.commit("built")
    return project


@pytest.fixture(scope="module")
def replicated(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same with both."""
    project = built.copy(tmp_path_factory.mktemp("replicated") / "project")
    ask(project)
    project.dvc("repro", "report@phantom")
    project.commit("replicated")
    return project


def ask(project: Project) -> None:
    """Ask for further seeds of some runs, and for a sweep."""
    project.edit("replicates", 2)
    project.edit("replicated", REPLICATED)
    project.edit("sweeps", {"regularisation": SWEEP})


def test_none_by_default(built: Project) -> None:
    assert not list((built.folder / "runs").rglob("replicates.csv"))
    assert "replicate" not in built.dvc("stage", "list").stdout
    assert not (built.folder / "build/tasks").exists()
    assert not (built.folder / "runs/phantom/sweeps").exists()
    assert all(claim["seeds"] == 1 for claim in json.loads(built.text("runs/phantom/claims.json")))


def test_asking_for_them_trains_no_run_again(built: Project, tmp_path: Path) -> None:
    project = built.copy(tmp_path / "project")
    ask(project)
    changed = {stage.partition("@")[0] for stage in project.changed_stages()}
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


def test_where_it_runs_changes_nothing(replicated: Project, tmp_path: Path) -> None:
    project = replicated.copy(tmp_path / "project")
    before = project.text("dvc.lock")
    (project.folder / "build/tasks").rename(tmp_path / "tasks")
    command = ("repro", "--force", "--single-item", "replicate@phantom-feedforward")
    project.dvc(*command, OCTREPRO_JOBS="2")
    assert project.text("dvc.lock") == before
    assert project.run("git", "status", "--porcelain").stdout == ""


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


def test_a_colleague_gets_what_was_never_committed_from_the_run_cache(
    replicated: Project, tmp_path: Path
) -> None:
    ours = replicated.copy(tmp_path / "ours")
    ours.dvc("remote", "add", "--default", "shared", str(tmp_path / "remote"))
    (ours.folder / "dvc.lock").unlink()
    ours.commit("the same parameters, no results")
    theirs = clone(ours, tmp_path / "theirs")
    # Ours comes from its own run cache, which is then shared; the lock file is not.
    ours.dvc("repro", "report@phantom")
    ours.dvc("push", "--run-cache")
    theirs.dvc("pull", "--run-cache", "--allow-missing")
    told = theirs.dvc("repro", "--pull", "--allow-missing", "report@phantom").stdout
    for stage in (
        "replicate@phantom-logistic_lr0_01",
        "replicate@phantom-feedforward",
        "sweep@phantom-regularisation",
    ):
        assert f"Stage '{stage}' is cached - skipping run" in told
    assert not (theirs.folder / "build/tasks").exists()
    assert theirs.text("dvc.lock") == ours.text("dvc.lock")


def clone(project: Project, folder: Path) -> Project:
    project.run("git", "clone", "--quiet", ".", str(folder))
    return Project(folder)
