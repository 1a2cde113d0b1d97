"""A project with a graph like the report's whose stages only sleep and write: it builds in seconds."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.pipeline.project import ROOT, Project, small

RUNS = ("perceptron", "mlp")
BUILD = (sys.executable, "-m", "octrepro", "build", "phantom", "--jobs", "2")
ALL = {*(f"train@phantom-{run}" for run in RUNS), "fetch@phantom", "report@phantom", "pdf@phantom"}

# Says in stages.log when it starts; the stage that HELD names waits for a file `go`, the one of FAIL fails.
WORK = """
import os, sys, time
from octrepro.core import UserError
from octrepro.core.files import atomic_directory, write_json, write_text
CORRECT = 6
stage = os.environ["DVC_STAGE"]
kind, _, key = stage.partition("@")
with open("stages.log", "a") as log:
    log.write(f"{stage}\\n")
time.sleep(0.1)
patience = time.monotonic() + 600
while stage == os.environ.get("HELD") and not os.path.exists("go") and time.monotonic() < patience:
    time.sleep(0.05)
if stage == os.environ.get("FAIL"):
    sys.exit("the reason why")
try:
    if kind == "fetch":
        with atomic_directory(f"out/{stage}") as folder:
            for name in ("images", "labels"):
                (folder / name).write_text(name)
    else:
        write_text(f"out/{stage}", stage * 100)
    if kind == "train":
        metrics = {"test_accuracy": CORRECT / 8, "test_correct": CORRECT, "diverged": False}
        write_json(f"runs/{key.replace('-', '/')}/metrics.json", metrics)
    if kind == "pdf":
        write_json(f"runs/{key}/typeset.json", {"engine": "pdfTeX"})
except UserError as error:
    sys.exit(str(error))
"""

GRAPH = """
stages:
  pdf:
    matrix: {dataset: "${datasets}"}
    cmd: python work.py
    deps: [work.py, "out/report@${item.dataset}"]
    outs: ["out/pdf@${item.dataset}", {"runs/${item.dataset}/typeset.json": {cache: false}}]
  report:
    matrix: {dataset: "${datasets}"}
    cmd: python work.py
    deps: [work.py, "out/train@${item.dataset}-perceptron", "out/train@${item.dataset}-mlp"]
    params: [report]
    outs: ["out/report@${item.dataset}"]
  train:
    matrix: {dataset: "${datasets}", run: "${experiments}"}
    cmd: python work.py
    deps: [work.py, "out/fetch@${item.dataset}"]
    params: ["experiments.${item.run}"]
    outs: ["out/train@${item.dataset}-${item.run}"]
    metrics: [{"runs/${item.dataset}/${item.run}/metrics.json": {cache: false}}]
  fetch:
    matrix: {dataset: "${datasets}"}
    cmd: python work.py
    deps: [work.py]
    outs: ["out/fetch@${item.dataset}"]
"""


class Toy(Project):
    """The toy project, and what of it ran."""

    def environment(self) -> dict[str, str]:
        """With a LaTeX engine, so that the build aims at the PDF."""
        found = super().environment()
        return found | {"PATH": f"{Path(__file__).parent / 'bin'}{os.pathsep}{found['PATH']}"}

    def started(self) -> list[str]:
        """The stages that started, in order."""
        log = self.folder / "stages.log"
        return log.read_text().split() if log.exists() else []

    def outputs(self) -> set[str]:
        return {path.name for path in (self.folder / "out").glob("*@*")}


@pytest.fixture(scope="session")
def toy_once(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """A toy project that has not been built, which no test may change."""
    project = Toy(tmp_path_factory.mktemp("toys") / "toy")
    project.folder.mkdir()
    (project.folder / "params.yaml").write_text(small(RUNS))
    (project.folder / "dvc.yaml").write_text(GRAPH)
    (project.folder / "work.py").write_text(WORK)
    (project.folder / ".gitignore").write_text("/out/\n/build/\nstages.log\n")
    shutil.copy(ROOT / "requirements.lock", project.folder)
    (project.folder / "src").symlink_to(ROOT / "src")
    project.run("git", "init", "--quiet", "--initial-branch=main")
    project.dvc("init", "--quiet")
    shutil.copy(ROOT / ".dvc/config", project.folder / ".dvc")  # DVC tells nobody what it is used for
    project.commit()
    return project


@pytest.fixture(scope="session")
def built_toy_once(toy_once: Toy, tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """A built and committed toy project, which no test may change."""
    project = toy_once.copy(tmp_path_factory.mktemp("built_toys") / "toy")
    project.run(*BUILD)
    project.commit("built")
    return project


@pytest.fixture
def toy(toy_once: Toy, tmp_path: Path) -> Toy:
    """A toy project of the test's own, that has not been built."""
    return toy_once.copy(tmp_path / "toy")


@pytest.fixture
def built_toy(built_toy_once: Toy, tmp_path: Path) -> Toy:
    """A built toy project of the test's own."""
    return built_toy_once.copy(tmp_path / "toy")
