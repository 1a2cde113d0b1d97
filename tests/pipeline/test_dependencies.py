"""No stale result: each stage declares all that it uses, and nothing that it does not."""

import ast
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
    "datasets/phantom": {"source": "phantom", "seed": 9, "train": 60, "val": 30, "test": 30},
    "experiments/perceptron": {"model": "perceptron", "epochs": 3},
    "experiments/mlp/learning_rate": 0.25,
    "experiments/feedforward/epochs": 3,
    "experiments/torch_logistic_lr0_001/batch_size": 3,
    "experiments/logistic_lr0_01/learning_rate": 0.5,
    "ablation": [],
    "variants": {},
    "replicates": 3,
    "replicated": ["mlp", "perceptron"],
    "boolean/max_dimension": 2,
    "report/title": "Another title",
}
# They run the code of stages that are run: of another run with the same model, or of what variants vary.
ALIKE = ("-feedforward_lr1", "-other_choices", "-feedforward_3_layers", "replicate@phantom-feedforward")
# Made from what is declared: compiled code, and results of tasks kept under digests of code, data, arguments.
MADE = ("__pycache__", "build/tasks/")


@pytest.fixture(scope="module")
def stages(built_once: Project) -> list[Declared]:
    """Every stage; each has something to do."""
    return declared(built_once)


@pytest.fixture(scope="module")
def used(
    built_once: Project, stages: list[Declared], tmp_path_factory: pytest.TempPathFactory
) -> dict[Declared, set[str]]:
    """The files that each stage read, having been run with what it declares alone, to the same outputs."""
    found = {}
    for stage in stages:
        if stage.address.endswith(ALIKE):
            continue
        folder = tmp_path_factory.mktemp("alone") / stage.address
        result, read = run_alone(built_once, stage, folder, CHANGES)
        assert result.returncode == 0, f"{stage.address} does not run with its deps alone:\n{result.stderr}"
        for output in stage.outputs:
            there, here = files(folder / "project" / output), files(built_once.folder / output)
            differing = {str(path) for path in {*there, *here} if there.get(path) != here.get(path)}
            assert not differing, f"{stage.address} depends on what it does not declare: {output} {differing}"
        found[stage] = {path for path in read if not any(made in path for made in MADE)}
    return found


def files(output: Path) -> dict[Path, bytes]:
    """The content of a file, or of each in a folder."""
    paths = [path for path in output.rglob("*") if path.is_file()] if output.is_dir() else [output]
    return {path.relative_to(output): path.read_bytes() for path in paths}


def declaring(stages: list[Declared], part: str) -> set[str]:
    """The kinds of stages that declare a file, a part of a folder, or what is in it."""
    return {
        stage.kind
        for stage in stages
        if any(covers(path, part) or covers(part, path) for path in stage.dependencies)
    }


def test_every_kind_of_stage_has_been_seen(used: dict[Declared, set[str]]) -> None:
    shipped = set(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
    assert shipped - {stage.kind for stage in used} == {"train_variant", "evaluate_variant"}


def test_all_that_a_stage_reads_is_declared(used: dict[Declared, set[str]]) -> None:
    for stage, read in used.items():
        known = (*stage.dependencies, *stage.outputs)
        undeclared = {path for path in read if not any(covers(each, path) for each in known)}
        assert undeclared <= {PARAMETERS, PACKAGE, *FRAME}, f"{stage.address} reads what it does not declare"


def test_all_that_a_stage_declares_is_read(used: dict[Declared, set[str]]) -> None:
    for stage in used:
        # A model needs a part of what its kind of stage declares.
        read = set.union(*(used[other] for other in used if other.kind == stage.kind))
        # safetensors opens its files beyond Python's sight.
        unneeded = [
            path
            for path in stage.dependencies
            if not path.endswith(".safetensors") and not any(covers(path, file) for file in read)
        ]
        assert not unneeded, f"{stage.address} would run again for nothing when these change"


def test_the_package_itself_has_no_code() -> None:
    body = ast.parse((ROOT / PACKAGE).read_text()).body
    assert all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


@pytest.mark.parametrize("path", FRAME)
def test_editing_messages_retrains_nothing(stages: list[Declared], path: str) -> None:
    # Each computes with a part of the schema: its defaults count.
    of_models = {"train", "train_variant", "evaluate", "evaluate_variant", "replicate", "sweep"}
    of_data = {"fetch", "prepare"}
    parts = {"experiments.py": of_models, "sources.py": of_data, "grid.py": {"sweep"}}
    expected = parts.get(path.rpartition("/")[2], set())
    assert declaring(stages, path) & (of_models | of_data) == expected


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
def test_editing_presentation_retrains_nothing(stages: list[Declared], part: str, kinds: set[str]) -> None:
    assert declaring(stages, part) == kinds


def test_a_comment_in_a_template_reruns_the_report_alone(built: Project) -> None:
    template = built.folder / "report/templates/page.html.j2"
    template.write_text(template.read_text() + "{# a comment #}\n")
    assert built.changed_stages() == {"report@phantom"}
