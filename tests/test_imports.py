"""Imports flow one way, without cycles."""

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1] / "src"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}
COMPUTES = ("arithmetic", "models", "training", "datasets", "evaluation")
SPEAKS = ("study", "results", "claims", "figures", "plotting", "reporting")


def imported(module: str) -> Iterator[str]:
    """The modules of ours that a module imports, for types too."""
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else node.module for name in inside]
        else:
            continue
        yield from (name for name in names if name in MODULES and name != module)


def part(module: str) -> str:
    return [*module.split("."), ""][1]


def test_modules_import_each_other_in_one_direction() -> None:
    graph = {module: set(imported(module)) for module in MODULES}
    assert list(TopologicalSorter(graph).static_order())


def test_core_and_config_know_nothing_else_of_ours() -> None:
    allowed = {"core": {"core"}, "config": {"core", "config"}}
    wrong = [
        (module, name)
        for module in MODULES
        for name in imported(module)
        if part(name) not in allowed.get(part(module), {part(name)})
    ]
    assert not wrong


def test_numeric_code_imports_no_reporting() -> None:
    wrong = [
        (module, name)
        for module in MODULES
        if part(module) in COMPUTES
        for name in imported(module)
        if part(name) in SPEAKS
    ]
    assert not wrong


def test_speaking_parts_import_in_one_direction() -> None:
    # claims, figures and reporting read what other stages wrote, never models, training or data.
    order = {"study": 0, "results": 1, "plotting": 1, "claims": 2, "figures": 2, "reporting": 2}
    wrong = [
        (module, name)
        for module in MODULES
        if part(module) in order
        for name in imported(module)
        if part(name) not in {part(module), "core", "config"}
        and order.get(part(name), 9) >= order[part(module)]
    ]
    assert not wrong


def test_every_module_has_a_name_of_its_own() -> None:
    stems = Counter(path.stem for path in MODULES.values())
    assert not [stem for stem, count in stems.items() if count > 1 and not stem.startswith("__")]
