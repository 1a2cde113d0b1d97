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
BASE = {"core", "config"}
READS = {"study", "results", "plotting", *BASE}
# What speaks of numbers reads what other stages wrote, never models, training or data.
MAY_IMPORT = {
    "core": {"core"},
    "config": BASE,
    "study": {"study", *BASE},
    "results": {"results", "study", *BASE},
    "plotting": {"plotting", "study", *BASE},
    "claims": {"claims", *READS},
    "figures": {"figures", *READS},
    "reporting": {"reporting", *READS},
}
# And what computes numbers knows nothing of that.
COMPUTES = ("arithmetic", "models", "training", "datasets", "evaluation")


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


def test_parts_import_what_they_may() -> None:
    parts = {part(module) for module in MODULES}
    may_import = MAY_IMPORT | dict.fromkeys(COMPUTES, (parts - MAY_IMPORT.keys()) | BASE)
    wrong = [
        (module, name)
        for module in MODULES
        for name in imported(module)
        if part(name) not in may_import.get(part(module), parts)
    ]
    assert not wrong


def test_every_module_has_a_name_of_its_own() -> None:
    stems = Counter(path.stem for path in MODULES.values())
    assert not [stem for stem, count in stems.items() if count > 1 and not stem.startswith("__")]
