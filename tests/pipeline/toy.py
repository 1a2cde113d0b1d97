"""A project with a graph like the report's whose stages only sleep and write: it builds in seconds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.pipeline.conftest import ROOT, Project, small

RUNS = ("perceptron", "mlp")
BUILD = (sys.executable, "-m", "octrepro", "build", "phantom", "--jobs", "2")

# Says in stages.log when it starts and ends; a stage named in SLOW sleeps for a minute.
WORK = """
import os, sys, time
from octrepro.core import UserError
from octrepro.core.files import write_text
stage = os.environ["DVC_STAGE"]
def note(what):
    with open("stages.log", "a") as log:
        log.write(f"{what} {stage}\\n")
note("start")
time.sleep(60 if stage == os.environ.get("SLOW") else 0.1)
if stage == os.environ.get("FAIL"):
    sys.exit("the reason why")
try:
    write_text(f"out/{stage}", stage * 100)
except UserError as error:
    sys.exit(str(error))
note("end")
"""


def graph() -> dict[str, object]:
    """The content of dvc.yaml."""
    runs = {"dataset": "${datasets}", "run": "${experiments}"}
    trained = [f"out/evaluate@phantom-{run}" for run in RUNS]

    def stage(name: str, key: str, deps: list[str], *params: str) -> dict[str, object]:
        matrix = runs if key == both else {"dataset": "${datasets}"}
        deps, outs = ["work.py", *deps], [f"out/{name}@{key}"]
        return {"matrix": matrix, "cmd": "python work.py", "deps": deps, "params": [*params], "outs": outs}

    one, both = "${item.dataset}", "${item.dataset}-${item.run}"
    return {
        "stages": {
            "pdf": stage("pdf", one, [f"out/report@{one}"]),
            "report": stage("report", one, trained, "report"),
            "evaluate": stage("evaluate", both, [f"out/train@{both}"]),
            "train": stage("train", both, [f"out/prepare@{one}"], "experiments.${item.run}"),
            "prepare": stage("prepare", one, []),
        }
    }


class Toy(Project):
    """The toy project, and what of it ran."""

    def stages_log(self, what: str) -> list[str]:
        """The stages that started or ended, in order."""
        log = self.folder / "stages.log"
        lines = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        return [stage for event, stage in lines if event == what]

    def outputs(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in (self.folder / "out").glob("*@*")}

    def locked(self) -> set[str]:
        """The stages that dvc.lock has."""
        path = self.folder / "dvc.lock"
        return set(yaml.safe_load(path.read_text())["stages"]) if path.exists() else set()

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command in a session of its own."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment() | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL a build's own process group, as a closed terminal or an out-of-memory killer may."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """A toy project that has not been built."""
    project = Toy(tmp_path / "toy")
    project.folder.mkdir()
    params = small(yaml.safe_load((ROOT / "params.yaml").read_text()), RUNS)
    (project.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    (project.folder / "dvc.yaml").write_text(yaml.safe_dump(graph(), sort_keys=False))
    (project.folder / "work.py").write_text(WORK)
    (project.folder / ".gitignore").write_text("/out/\n/build/\nstages.log\n")
    (project.folder / "src").symlink_to(ROOT / "src")
    project.run("git", "init", "--quiet", "--initial-branch=main")
    project.dvc("init", "--quiet")
    project.commit()
    return project
