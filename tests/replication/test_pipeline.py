"""Replicates and sweeps in the graph of stages, and results shared through a DVC remote."""

import csv
import json
import re
from pathlib import Path

import pytest

from octrepro.replication.seeds import replicate_seeds
from tests.pipeline.project import Project

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]

STAGES = ["replicate@phantom-perceptron", "sweep@phantom-lengths"]
TABLE = "runs/phantom/perceptron/replicates.csv"


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
    first, before = built.text(TABLE), set(tasks.iterdir())
    built.edit("replicates", 3)
    kinds = {stage.partition("@")[0] for stage in built.changed_stages()}
    assert not kinds & {"fetch", "prepare", "train", "evaluate", "boolean"}
    # A data set may ask for its own number; the global one is for those without.
    built.edit("datasets.other", built.params["datasets"]["phantom"] | {"seed": 1, "replicates": 0})
    stages = (STAGES[0], "replicate@other-perceptron")
    others = {"fetch@other", "prepare@other", "seeds@other"}
    assert ran(built, *stages) == {"seeds@phantom", *stages, *others}
    assert built.text(TABLE).startswith(first)
    assert len(set(tasks.iterdir()) - before) == 1
    assert len(built.text("runs/other/perceptron/replicates.csv").splitlines()) == 1
    built.edit("replicates", 2)
    # DVC has seen these seeds before.
    assert ran(built, *stages) <= {"seeds@phantom", "seeds@other"}
    assert built.text(TABLE) == first


def ran(project: Project, *stages: str) -> set[str]:
    """Bring stages up to date; those that ran."""
    return set(re.findall("Running stage '(.*)'", project.dvc("repro", *stages).stdout))


def test_a_wrong_setting_is_one_message(built_once: Project) -> None:
    command = ("python", "stages/replicate.py", "phantom", "perceptron")
    result = built_once.run(*command, check=False, OCTREPRO_BACKEND="dask")
    assert result.returncode == 1
    assert "no scheduler is named" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_colleague_gets_what_is_committed_and_what_was_only_run(built: Project, tmp_path: Path) -> None:
    built.dvc("remote", "add", "--default", "shared", str(tmp_path / "remote"))
    built.commit("name the remote")
    built.dvc("push")
    theirs = clone(built, tmp_path / "theirs")
    theirs.dvc("pull", "--with-deps", "report@phantom")
    report = "report/build/phantom/report.html"
    assert theirs.text(report) == built.text(report)
    assert "didn't change" in theirs.dvc("repro", "report@phantom").stdout
    # Without a lock file it comes from DVC's cache of runs, which ours shares.
    (built.folder / "dvc.lock").unlink()
    built.commit("the same parameters, no results")
    others = clone(built, tmp_path / "others")
    built.dvc("repro", *STAGES)
    built.dvc("push", "--run-cache")
    others.dvc("pull", "--run-cache", "--allow-missing")
    told = others.dvc("repro", "--pull", "--allow-missing", *STAGES).stdout
    for stage in STAGES:
        assert f"Stage '{stage}' is cached - skipping run" in told
    assert others.locked() == built.locked()
    for project in (theirs, others):
        assert not (project.folder / "build/tasks").exists()


def clone(project: Project, folder: Path) -> Project:
    project.run("git", "clone", "--quiet", ".", str(folder))
    return Project(folder)
