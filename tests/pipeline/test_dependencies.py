"""No stale result: each stage declares all that it uses, and nothing that it does not."""

from __future__ import annotations

import ast
import filecmp
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipeline.conftest import ROOT, Project
from tests.pipeline.usage import FRAME, PACKAGE, PARAMETERS, Declared, covers, declared, run_alone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]

# Another valid value for a parameter of every section.
CHANGES: dict[str, Any] = {
    "seed": 7,
    "numerics": "native",
    "datasets.phantom": {"source": "phantom", "seed": 9, "train": 60, "val": 30, "test": 30},
    "experiments.perceptron": {"model": "perceptron", "epochs": 3},
    "experiments.mlp.learning_rate": 0.25,
    "experiments.feedforward.epochs": 3,
    "experiments.torch_logistic_lr0_01.batch_size": 3,
    "experiments.logistic_lr0_01.learning_rate": 0.5,
    "variants": {},
    "replicates": 2,
    "replicated": ["mlp", "perceptron"],
    "boolean.max_dimension": 2,
    "report.title": "Another title",
}
# Made from what is declared: compiled code, and results of tasks kept under digests of code, data, arguments.
KEPT_WORK = ("build/tasks/",)
COMPILED = "__pycache__"


@pytest.fixture(scope="module")
def asked(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built project in which every kind of stage has something to do."""
    project = built_once.copy(tmp_path_factory.mktemp("asked") / "project")
    project.edit("replicates", 1)
    project.edit("replicated", ["perceptron"])
    project.edit("sweeps", {"lengths": {"base": "perceptron", "grid": {"epochs": [1, 2]}}})
    project.dvc("repro", "pdf@phantom")
    return project


@pytest.fixture(scope="module")
def stages(asked: Project) -> dict[str, Declared]:
    return declared(asked)


def chosen(stages: dict[str, Declared]) -> Iterator[Declared]:
    for stage in stages.values():
        run = stage.address.partition("-")[2]
        # One run of each model stands for the others, which run the same code.
        if run != "feedforward_lr1":
            yield stage


@pytest.fixture(scope="module")
def used(
    asked: Project, stages: dict[str, Declared], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, set[str]]:
    """The files that each kind of stage read, each stage having been run with what it declares alone."""
    found: dict[str, set[str]] = {}
    for stage in chosen(stages):
        folder = tmp_path_factory.mktemp("alone") / stage.address
        result, read = run_alone(asked, stage, folder, CHANGES)
        assert result.returncode == 0, (
            f"{stage.address} does not run with its declared deps alone:\n{result.stderr}"
        )
        for output in stage.outputs:
            differing = list(differences(asked.folder / output, folder / "project" / output))
            assert not differing, (
                f"{stage.address} depends on a file or a parameter that it does not declare: {differing}"
            )
        found.setdefault(stage.kind, set()).update(sources(read))
    return found


def sources(paths: Iterable[str]) -> set[str]:
    """Paths without those that are made from others."""
    return {path for path in paths if COMPILED not in path and not path.startswith(KEPT_WORK)}


def differences(expected: Path, found: Path) -> Iterator[str]:
    """Paths of files that are not the same in two folders, or of two files."""
    if not expected.is_dir():
        if not found.is_file() or not filecmp.cmp(expected, found, shallow=False):
            yield expected.name
        return
    names = {path.relative_to(top) for top in (expected, found) for path in top.rglob("*") if path.is_file()}
    for name in sorted(names):
        pair = expected / name, found / name
        if not all(path.is_file() for path in pair) or not filecmp.cmp(*pair, shallow=False):
            yield str(name)


def test_every_kind_of_stage_has_been_seen(stages: dict[str, Declared], used: dict[str, set[str]]) -> None:
    shipped = set(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
    # Variants share deps and code with the stages that they are variants of.
    variants = {"train_variant", "evaluate_variant"}
    assert {stage.kind for stage in stages.values()} == set(used) == shipped - variants


def test_all_that_a_stage_reads_is_declared(stages: dict[str, Declared], used: dict[str, set[str]]) -> None:
    for kind, read in used.items():
        of_kind = [stage for stage in stages.values() if stage.kind == kind]
        known = {path for stage in of_kind for path in (*stage.dependencies, *stage.outputs)}
        undeclared = {path for path in read if not any(covers(each, path) for each in known)}
        assert undeclared <= {PARAMETERS, PACKAGE, *FRAME}, f"{kind} reads what it does not declare"


def test_all_that_a_stage_declares_is_read(stages: dict[str, Declared], used: dict[str, set[str]]) -> None:
    for kind, read in used.items():
        for stage in chosen({s.address: s for s in stages.values() if s.kind == kind}):
            # safetensors opens its files beyond Python's sight.
            unseen = {path for path in stage.dependencies if path.endswith(".safetensors")}
            unneeded = [
                path
                for path in stage.dependencies
                if path not in unseen and not any(covers(path, file) for file in read)
            ]
            assert not unneeded, f"{stage.address} would run again for nothing when these change"


def test_the_package_itself_has_no_code() -> None:
    body = ast.parse((ROOT / PACKAGE).read_text()).body
    assert all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


@pytest.mark.parametrize("path", FRAME)
def test_editing_messages_retrains_nothing(stages: dict[str, Declared], path: str) -> None:
    # Each computes with a part of the schema: its defaults count.
    of_models = {"train", "evaluate", "replicate", "sweep"}
    of_data = {"fetch", "prepare"}
    parts = {"experiments.py": of_models, "sources.py": of_data, "grid.py": {"sweep"}}
    expected = parts.get(path.rpartition("/")[2], set())
    found = {
        stage.kind
        for stage in stages.values()
        if stage.kind in of_models | of_data and any(covers(each, path) for each in stage.dependencies)
    }
    assert found == expected


@pytest.mark.parametrize(
    ("part", "kinds"),
    [
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
def test_editing_presentation_retrains_nothing(
    stages: dict[str, Declared], part: str, kinds: set[str]
) -> None:
    found = {
        stage.kind
        for stage in stages.values()
        if any(covers(path, part) or covers(part, path) for path in stage.dependencies)
    }
    assert found == kinds


def test_a_comment_in_a_template_reruns_the_report_alone(built: Project) -> None:
    template = built.folder / "report/templates/page.html.j2"
    template.write_text(template.read_text() + "{# a comment #}\n")
    assert built.changed_stages() == {"report@phantom"}
    printed = built.dvc("repro").stdout.splitlines()
    # report.tex names the state of the templates, so the PDF follows.
    ran = [line for line in printed if line.startswith("Running stage")]
    assert ran == ["Running stage 'report@phantom':", "Running stage 'pdf@phantom':"]
