"""A small project of its own: the real stages and library, with parameters that build in seconds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import locket
import psutil
import pytest
import yaml

from octrepro.pipeline import miniature

ROOT = Path(__file__).parents[2]
# One run of each model, and one more of one.
RUNS = ("perceptron", "logistic_lr0_01", "mlp", "torch_logistic_lr0_01", "feedforward", "feedforward_lr1")
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

    def run(self, *command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment() | environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert not check or result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
        return result

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

    def dvc(
        self, *arguments: str, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return self.run("dvc", *arguments, check=check, **environment)

    def build(self, dataset: str = "phantom", jobs: int = 2) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "octrepro", "build", dataset, "--jobs", str(jobs))

    def run_all(self, prefix: Sequence[str] = (), **environment: str) -> None:
        """Run every stage, all in one process, which loads libraries once; record the results in dvc.lock."""
        typeset = shutil.which("pdflatex") is not None
        scripts = miniature.scripts(self.folder).items()
        stages = [f"{stage}={script}" for stage, script in scripts if typeset or not stage.startswith("pdf")]
        self.run(*prefix, sys.executable, "-c", RUN_ALL, *stages, **environment)
        self.dvc("commit", "--force", "--with-deps", "pdf@phantom" if typeset else "report@phantom")

    @property
    def params(self) -> dict[str, Any]:
        content: dict[str, Any] = yaml.safe_load((self.folder / "params.yaml").read_text())
        return content

    def edit(self, path: str, value: Any) -> None:
        """Set one parameter, named by its path; None removes it."""
        content = self.params
        *parents, last = path.split(".")
        place = content
        for parent in parents:
            place = place[parent]
        if value is None:
            del place[last]
        else:
            place[last] = value
        (self.folder / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))

    def commit(self, message: str = "state") -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "-m", message)

    def changed_stages(self) -> set[str]:
        """The stages that `dvc status` says differ."""
        import json

        status: dict[str, Any] = json.loads(self.dvc("status", "--json").stdout)
        return set(status)

    def text(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

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

    def processes(self) -> list[psutil.Process]:
        """Everything that still runs in the project's folder."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == self.folder:
                    found.append(process)
            except (psutil.Error, OSError):
                pass
        return found

    def copy(self, folder: Path) -> Self:
        """The same project elsewhere, built outputs and DVC's cache included."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return type(self)(folder)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what must come to pass."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def small(params: dict[str, Any], runs: Iterable[str] | None = None) -> dict[str, Any]:
    """Parameters with the same shape as the shipped ones, few images, few epochs."""
    params["datasets"] = {"phantom": miniature.IMAGES}
    kept = list(runs or params["experiments"])
    params["experiments"] = {name: params["experiments"][name] for name in kept}
    for run in params["experiments"].values():
        run["epochs"] = 2
        if "hidden_size" in run:
            run["hidden_size"] = 8
    params["replicated"] = []
    params["boolean"]["max_dimension"] = 3
    return params


def make_project(folder: Path, runs: Iterable[str] | None = None) -> Project:
    """A project that has not been built."""
    miniature.make(ROOT, folder)
    params = small(yaml.safe_load((ROOT / "params.yaml").read_text()), runs)
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    project = Project(folder)
    project.commit()
    return project


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built project that no test may change: built by the first worker that asks, for all of them."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with locket.lock_file(str(shared / "built.lock")):
        if not (shared / "built").exists():
            project = make_project(shared / "building", RUNS)
            project.run_all()
            project.commit("built")
            project.folder.rename(shared / "built")
    return Project(shared / "built")


@pytest.fixture
def built(built_once: Project, tmp_path: Path) -> Project:
    """A built project of the test's own."""
    return built_once.copy(tmp_path / "project")
