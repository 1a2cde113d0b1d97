"""Imports flow one way, without cycles."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "src"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}
# What packages may import beside themselves. Those that compute know none of those that speak of results;
# those that speak read what other stages wrote, never models, training or data.
BASE = frozenset({"core", "config"})
COMPUTING = BASE | {"arithmetic", "models", "training", "datasets", "evaluation"}
ALLOWED = {
    "core": frozenset(),
    "config": frozenset({"core"}),
    **dict.fromkeys(sorted(COMPUTING - BASE), COMPUTING),  # in one order for all of pytest's processes
    "study": BASE,
    **dict.fromkeys(["results", "plotting"], BASE | {"study"}),
    **dict.fromkeys(["claims", "figures", "reporting"], BASE | {"study", "results", "plotting"}),
}


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


def test_modules_import_each_other_in_one_direction() -> None:
    graph = {module: set(imported(module)) for module in MODULES}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("package", ALLOWED)
def test_packages_import_only_what_they_may(package: str) -> None:
    place = f"octrepro.{package}"
    modules = [module for module in MODULES if f"{module}.".startswith(f"{place}.")]
    names = {name for module in modules for name in imported(module)}
    assert modules
    assert {[*name.split("."), ""][1] for name in names} <= ALLOWED[package] | {package}


def test_each_module_has_a_name_of_its_own() -> None:
    names = [module.rpartition(".")[2] for module, path in MODULES.items() if path.name != "__init__.py"]
    assert sorted(names) == sorted(set(names))
