"""What a stage really uses: its declared dependencies alone in a folder, and what it reads of them."""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.pipeline.conftest import ROOT, Project, machine_code

# Python runs this before the stage, in every process that the stage starts.
RECORDER = """
import atexit, json, os, sys
READ_ONLY, READ_WRITE = os.O_RDONLY, os.O_RDWR
opened = set()

def note(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
        path, mode, flags = arguments
        reads = "r" in mode or "+" in mode if mode else flags & 3 in (READ_ONLY, READ_WRITE)
        if reads:
            opened.add(os.path.abspath(os.fspath(path)))

def write():
    loaded = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    found = sorted(opened | {os.path.abspath(path) for path in loaded if isinstance(path, str)})
    with open(os.path.join(os.environ["USED_FILES"], f"{os.getpid()}.json"), "w") as file:
        json.dump(found, file)

sys.addaudithook(note)
atexit.register(write)
"""

# Read by every stage, so that every stage can say what is wrong in it; `params` says what of it counts.
PARAMETERS = "params.yaml"
# Has no code, so that nothing can depend on it; a test holds it to that.
PACKAGE = "src/octrepro/__init__.py"
# What every stage starts with: which stage it is, its parameters, messages, progress. Stages that compute
# numbers do not declare it, so that editing a message retrains nothing; here they get an altered one.
FRAME = (
    "src/octrepro/stage.py",
    *(f"src/octrepro/core/{name}.py" for name in ("__init__", "errors", "paths", "progress")),
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "src/octrepro/config").glob("*.py")),
)


@dataclass(frozen=True)
class Declared:
    """A stage as dvc.yaml declares it: paths of files and folders, and keys of params.yaml."""

    address: str
    script: str
    dependencies: tuple[str, ...]
    parameters: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def kind(self) -> str:
        return self.address.partition("@")[0]


def declared(project: Project) -> list[Declared]:
    """Every stage."""
    from dvc.dependency.param import ParamsDependency
    from dvc.repo import Repo

    found = []
    with Repo(str(project.folder)) as repo:
        for stage in repo.index.stages:
            params = [dep for dep in stage.deps if isinstance(dep, ParamsDependency)]
            found.append(
                Declared(
                    stage.addressing.rpartition(":")[2],
                    stage.cmd.split()[1],
                    tuple(dep.def_path for dep in stage.deps if dep not in params),
                    tuple(key for dep in params for key in dep.params),
                    tuple(out.def_path for out in stage.outs),
                )
            )
    return found


def covers(declared_path: str, path: str) -> bool:
    """Whether a declared file or folder is `path` or holds it."""
    return path == declared_path or path.startswith(f"{declared_path}/")


def altered(source: str) -> str:
    """A module with other messages, other documentation, no comments and other line numbers."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            node.body[0] = ast.Expr(ast.Constant("Altered."))
        if isinstance(node, ast.Raise):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    part.value = "altered"
    return ast.unparse(ast.fix_missing_locations(tree))


def perturbed(params: dict[str, Any], keep: Sequence[str], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with `changes` (dotted keys), save those that `keep` covers; `params` is changed itself."""
    for key, value in changes.items():
        if any(covers(kept, key) or covers(key, kept) for kept in keep):
            continue
        *parents, last = key.split("/")
        place = params
        for parent in parents:
            place = place[parent]
        assert place.get(last) != value, f"{key} is {value} already: perturb it otherwise"
        place[last] = value
    return params


def run_alone(
    project: Project, stage: Declared, folder: Path, changes: Mapping[str, Any]
) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """Run `stage` in `folder` with nothing of the project there but what it declares and an altered frame.

    The parameters that it does not declare have the values of `changes`.

    Returns
    -------
    How it ended, and the project's files that it read, relative to the project's root.
    """
    work, hook, used = folder / "project", folder / "hook", folder / "used"
    for place in (work, hook, used):
        place.mkdir(parents=True)
    for path in (*stage.dependencies, PACKAGE):
        source, target = project.folder / path, work / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
    for path in FRAME:
        if not any(covers(each, path) for each in stage.dependencies):
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(altered(project.text(path)))
    params = perturbed(project.params, [key.replace(".", "/") for key in stage.parameters], changes)
    (work / PARAMETERS).write_text(yaml.safe_dump(params, sort_keys=False))
    (hook / "sitecustomize.py").write_text(RECORDER)
    result = subprocess.run(
        [sys.executable, stage.script],
        cwd=work,
        env={
            **os.environ,
            "DVC_STAGE": stage.address,
            "TQDM_DISABLE": "1",
            **machine_code(hook, work / "src"),
            "USED_FILES": str(used),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    paths = {Path(path) for file in used.glob("*.json") for path in json.loads(file.read_text())}
    # Of a name relative to an open folder Python tells the last part alone: no file of ours.
    own = (path for path in paths if path.is_relative_to(work) and path.is_file())
    return result, {path.relative_to(work).as_posix() for path in own}
