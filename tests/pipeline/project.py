"""A small project of its own: the real stages and library, with parameters that build in seconds."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import locket
import psutil
import pytest
import yaml

from octrepro.pipeline import miniature

ROOT = Path(__file__).parents[2]
RUN_ALL = "import sys; from octrepro.pipeline.miniature import run; run(sys.argv[1:])"


def machine_code(*folders: Path) -> dict[str, str]:
    """The environment in which Python finds modules in `folders`, and all copies share their machine code."""
    return {
        "PYTHONPATH": os.pathsep.join(map(str, (*folders, ROOT))),
        "NUMBA_CACHE_LOCATOR_CLASSES": "tests.pipeline.machine_code.Shared",
        "NUMBA_CACHE_DIR": str(ROOT / "build/numba"),
    }


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own, under git, with small parameters."""

    folder: Path

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

    def run(self, *command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*command, **environment)
        result = subprocess.CompletedProcess(command, 0, *process.communicate())
        result.returncode = process.returncode
        assert not check or result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
        return result

    def dvc(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("dvc", *arguments, check=check)

    def environment(self) -> dict[str, str]:
        """This process's environment, with the copy's own code ahead of the installed one."""
        return {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **machine_code(self.folder / "src"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "tests", "GIT_AUTHOR_EMAIL": "tests@example.org",
            "GIT_COMMITTER_NAME": "tests", "GIT_COMMITTER_EMAIL": "tests@example.org",
        }  # fmt: skip

    def run_all(self, prefix: Sequence[str] = (), **environment: str) -> None:
        """Run every stage, all in one process, which loads libraries once; record the results in dvc.lock."""
        scripts = miniature.scripts(self.folder)
        if shutil.which("pdflatex") is None:
            scripts = {stage: script for stage, script in scripts.items() if not stage.startswith("pdf@")}
        stages = [f"{stage}={script}" for stage, script in scripts.items()]
        self.run(*prefix, sys.executable, "-c", RUN_ALL, *stages, **environment)
        self.dvc("commit", "--force", *scripts)

    def text(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    @property
    def params(self) -> dict[str, Any]:
        content: dict[str, Any] = yaml.safe_load(self.text("params.yaml"))
        return content

    def edit(self, path: str, value: Any) -> None:
        """Set one parameter, named by its path."""
        content = self.params
        put(content, path, value)
        (self.folder / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))

    def commit(self, message: str = "state") -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "-m", message)

    def changed_stages(self) -> set[str]:
        """The stages that `dvc status` says differ."""
        return set(json.loads(self.dvc("status", "--json").stdout))

    def locked(self) -> dict[str, Any]:
        """What dvc.lock has of each stage."""
        path = self.folder / "dvc.lock"
        stages: dict[str, Any] = yaml.safe_load(path.read_text())["stages"] if path.exists() else {}
        return stages

    def digests(self) -> dict[str, str]:
        """The hash of every output, unfinished ones included."""
        return {
            path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for part in ("data", "results", "runs", "report/build")
            for path in (self.folder / part).rglob("*")
            if path.is_file()
        }

    def is_running(self) -> bool:
        """Whether anything still runs in the project's folder."""
        processes = psutil.process_iter(["status", "cwd"])
        alive = (each.info for each in processes if each.info["status"] != psutil.STATUS_ZOMBIE)
        return any(info["cwd"] == str(self.folder) for info in alive)

    def copy(self, folder: Path) -> Self:
        """The same project elsewhere, built outputs and DVC's cache included."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return type(self)(folder)


def put(params: dict[str, Any], path: str, value: Any) -> None:
    """Set the parameter that is named by its path."""
    *parents, last = path.split(".")
    for parent in parents:
        params = params.setdefault(parent, {})
    params[last] = value


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what must come to pass."""
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def small(runs: Collection[str]) -> str:
    """Small params.yaml, with these runs alone, from one seed."""
    params = miniature.shrink(yaml.safe_load((ROOT / "params.yaml").read_text()))
    experiments = {name: params["experiments"][name] for name in runs}
    changed = params | {"experiments": experiments, "replicates": 0, "replicated": [], "sweeps": {}}
    return yaml.safe_dump(changed, sort_keys=False)


def make_project(folder: Path, runs: Collection[str] = ()) -> Project:
    """A project that has not been built: every kind of stage and a run of each model, or `runs` alone."""
    miniature.make(ROOT, folder)
    if runs:
        (folder / "params.yaml").write_text(small(runs))
    project = Project(folder)
    project.commit()
    return project


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built project that no test may change: built by the first worker that asks, for all of them.

    It has a run of each model, a diverging one and a variant; further seeds of two runs, and a sweep.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with locket.lock_file(str(shared / "built.lock")):
        if not (shared / "built").exists():
            project = make_project(shared / "building")
            feedforward = project.params["experiments"]["feedforward"]
            project.edit("experiments.feedforward_lr1", feedforward | {"learning_rate": 1e30})
            project.edit("variants.feedforward_3_layers.epochs", 2)
            project.edit("ablation", ["feedforward_3_layers"])
            project.edit("replicates", 2)
            project.edit("replicated", ["perceptron", "feedforward"])
            project.run_all()
            project.commit("built")
            project.folder.rename(shared / "built")
    return Project(shared / "built")


@pytest.fixture
def built(built_once: Project, tmp_path: Path) -> Project:
    """A built project of the test's own."""
    return built_once.copy(tmp_path / "project")
