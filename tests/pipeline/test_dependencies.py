"""No stale result: each stage declares all that it uses, and nothing that it does not."""

import ast
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipeline.project import ROOT, Project, machine_code, put

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]

# Has no code, so that nothing can depend on it.
PACKAGE = "src/octrepro/__init__.py"
# What every stage starts with: which stage it is, its parameters, messages, progress. Stages that compute
# numbers do not declare it, so that editing a message retrains nothing; here they get an altered one.
FRAME = [
    "src/octrepro/stage.py",
    *(f"src/octrepro/core/{name}.py" for name in ("__init__", "errors", "paths", "progress")),
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "src/octrepro/config").glob("*.py")),
]
# Another valid value for a parameter of every section: a stage gets the true ones of those that it declares.
CHANGES: dict[str, Any] = {
    "seed": 7,
    "numerics": "native",
    "datasets.phantom": {"source": "phantom", "seed": 9, "train": 60, "val": 30, "test": 30},
    "experiments.perceptron": {"model": "perceptron", "epochs": 3},
    "experiments.mlp.learning_rate": 0.25,
    "experiments.feedforward.epochs": 3,
    "experiments.torch_logistic_lr0_001.batch_size": 3,
    "experiments.logistic_lr0_01.learning_rate": 0.5,
    "ablation": [],
    "variants": {},
    "replicates": 3,
    "replicated": ["mlp", "perceptron"],
    "sweeps": {},
    "boolean.max_dimension": 2,
    "report.title": "Another title",
}
# They run the code of stages that are run: of another run with the same model, or of what variants vary.
ALIKE = ("-feedforward_lr1", "-other_choices", "-feedforward_3_layers", "replicate@phantom-feedforward")

# Not built here: the variants, whose code is that of other runs, and a PDF where nothing can typeset it.
LEFT_OUT = {"train_variant", "evaluate_variant"}
UNTYPESET = set() if shutil.which("pdflatex") else {"pdf"}

# Runs stages, each in a process and folder of its own, forked off one that has loaded the libraries. It notes
# what a stage opens: modules too, since none of ours is compiled ahead.
RUNNER = """
import os, runpy, sys
import jinja2, matplotlib.pyplot, numba, pandas, pydantic, scipy.stats, torch, z3

def note(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
        print(os.path.abspath(arguments[0]), file=opened)

for line in sys.stdin:
    name, script, folder = line.split()
    if os.fork() == 0:
        os.chdir(folder)
        sys.path.insert(0, f"{folder}/src")
        os.environ["DVC_STAGE"], sys.argv = name, [script]
        opened = open("../opened", "w", buffering=1)
        sys.addaudithook(note)
        runpy.run_path(script, run_name="__main__")
        sys.exit()
    if os.wait()[1] != 0:
        sys.exit(f"{name} does not run with its deps alone")
"""

# A stage as dvc.lock has it.
Stage = dict[str, Any]


def paths_of(stage: Stage, what: str) -> list[str]:
    return [each["path"] for each in stage.get(what, ())]


def covers(declared: str, path: str) -> bool:
    """Whether a declared file or folder is `path` or holds it."""
    return path == declared or path.startswith(f"{declared}/")


@cache
def altered(source: str) -> str:
    """A module with other messages, no comments and other line numbers."""
    tree = ast.parse(source)
    for raised in (node for node in ast.walk(tree) if isinstance(node, ast.Raise)):
        for part in ast.walk(raised):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                part.value = "altered"
    return ast.unparse(tree)


def files(output: Path) -> dict[str, bytes]:
    """The content of a file, or of each in a folder."""
    paths = [path for path in output.rglob("*") if path.is_file()] if output.is_dir() else [output]
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in paths}


def lay_out(project: Project, stage: Stage, folder: Path) -> None:
    """Give a stage what it declares and nothing else, with an altered frame.

    The parameters that it does not declare have other values.
    """
    for path in FRAME:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(altered(project.text(path)))
    for path in (*paths_of(stage, "deps"), PACKAGE):
        source, target = project.folder / path, folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    params = project.params
    for changes in (CHANGES, stage.get("params", {}).get("params.yaml", {})):
        for key, value in changes.items():
            put(params, key, value)
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))


def test_each_stage_needs_what_it_declares_and_nothing_else(built_once: Project, tmp_path: Path) -> None:
    assert {key.partition(".")[0] for key in CHANGES} == set(built_once.params)
    stages = {name: each for name, each in built_once.locked().items() if not name.endswith(ALIKE)}
    order = []
    for name, stage in stages.items():
        lay_out(built_once, stage, tmp_path / name / "project")
        order.append(f"{name} {stage['cmd'].split()[1]} {tmp_path / name / 'project'}\n")
    environment = {**os.environ, **machine_code(), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [sys.executable, "-c", RUNNER], input="".join(order), env=environment, text=True, check=True
    )
    opened: dict[str, set[str]] = {}
    for name, stage in stages.items():
        folder = tmp_path / name / "project"
        for output in paths_of(stage, "outs"):
            there, here = files(folder / output), files(built_once.folder / output)
            differing = {path for path in {*there, *here} if there.get(path) != here.get(path)}
            assert not differing, f"{name} depends on what it does not declare: {output} {differing}"
        paths = map(Path, (tmp_path / name / "opened").read_text().splitlines())
        ours = {path.relative_to(folder).as_posix() for path in paths if path.is_relative_to(folder)}
        # A model needs a part of what its kind of stage declares.
        opened.setdefault(name.partition("@")[0], set()).update(ours)
    shipped = set(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
    assert shipped - opened.keys() == LEFT_OUT | UNTYPESET
    for name, stage in stages.items():
        # safetensors opens its files beyond Python's sight.
        unneeded = [
            path
            for path in paths_of(stage, "deps")
            if not path.endswith(".safetensors")
            and not any(covers(path, file) for file in opened[name.partition("@")[0]])
        ]
        assert not unneeded, f"{name} would run again for nothing when these change"


def test_the_package_itself_has_no_code() -> None:
    body = ast.parse((ROOT / PACKAGE).read_text()).body
    assert all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


PRESENTING = {"results", "claims", "figures", "report", "pdf", "boolean", "seeds"}
# Each computes with a part of the schema: its defaults count.
OF_MODELS = {"train", "train_variant", "evaluate", "evaluate_variant", "replicate", "sweep"}
SCHEMA = {"experiments.py": OF_MODELS, "sources.py": {"fetch", "prepare"}, "grid.py": {"sweep"}}


@pytest.mark.parametrize(
    ("part", "kinds"),
    [
        *((path, SCHEMA.get(os.path.basename(path), set())) for path in FRAME),
        ("report/templates", {"report"}),
        ("report/prose", {"report"}),
        ("report/style.css", {"report"}),
        ("src/octrepro/reporting", {"report", "pdf"}),
        ("src/octrepro/results", {"results", "claims", "figures"}),
        ("src/octrepro/study", {"results", "claims", "figures", "report"}),
        ("src/octrepro/claims", {"claims"}),
        ("src/octrepro/figures", {"figures"}),
        ("src/octrepro/plotting", {"boolean", "figures", "report"}),
        ("src/octrepro/boolean", {"boolean"}),
        ("src/octrepro/pipeline", set()),
    ],
)
def test_editing_messages_or_presentation_retrains_nothing(
    built_once: Project, part: str, kinds: set[str]
) -> None:
    declaring = {
        name.partition("@")[0]
        for name, stage in built_once.locked().items()
        for path in paths_of(stage, "deps")
        if covers(path, part) or covers(part, path)
    }
    assert (declaring - PRESENTING if part in FRAME else declaring) == kinds - UNTYPESET
