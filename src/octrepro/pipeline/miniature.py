"""A small copy of the project: the same code and every kind of stage, few images, few epochs."""

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from octrepro.config.loading import load_params

PARTS = (
    *("dvc.yaml", "stages", "src", "report", "requirements.lock", "README.md", "CITATION.cff"),
    *(".dvc/config", ".dvcignore", ".gitignore"),
)
IMAGES = {"source": "phantom", "train": 96, "val": 40, "test": 48, "test_per_class": [8, 4, 2, 10]}
EPOCHS = 2
# Beside one run of each model: the choices of a feed-forward network that its default does not make.
OTHER_CHOICES = {"activation": "tanh", "dropout": 0.2, "l2_decay": 0.001, "optimizer": "adam"}


def shrink(params: dict[str, Any]) -> dict[str, Any]:
    """The content of params.yaml with one run of each model, at full width, which takes the same kernels."""
    by_model: dict[str, tuple[str, dict[str, Any]]] = {}
    for name, run in params["experiments"].items():
        by_model.setdefault(run["model"], (name, run))
    chosen = dict(by_model.values())
    if "feedforward" in by_model:
        chosen["other_choices"] = by_model["feedforward"][1] | OTHER_CHOICES
    # What is only asked for is asked of the cheapest run.
    name = next(iter(chosen))
    return params | {
        "datasets": {"phantom": IMAGES},
        "experiments": {name: run | {"epochs": EPOCHS} for name, run in chosen.items()},
        "ablation": [],
        "replicates": 1,
        "replicated": [name],
        "sweeps": {"lengths": {"base": name, "grid": {"epochs": [1, EPOCHS]}}},
        "boolean": params["boolean"] | {"max_dimension": 3},
    }


def make(project: Path, folder: Path) -> None:
    """Copy the working tree of `project` to `folder`, with small parameters, nothing built."""
    load_params(project / "params.yaml")
    # Code compiled here must not be what another processor runs.
    left_out = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    for part in PARTS:
        source, target = project / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=left_out)
        else:
            shutil.copy(source, target)
    params = shrink(yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8")))
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    # DVC wants a repository.
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=folder, check=True)


def scripts(folder: Path) -> dict[str, str]:
    """The script of every stage of the project in `folder`, by address, each after those it depends on."""
    import networkx as nx
    from dvc.repo import Repo

    with Repo(str(folder)) as repo:
        stages = reversed(list(nx.topological_sort(repo.index.graph)))
        return {stage.addressing.rpartition(":")[2]: stage.cmd.split()[1] for stage in stages}


def run(stages: Iterable[str]) -> None:
    """Run stages (``address=script``) one after the other in this process, each as DVC would.

    Loading PyTorch takes an emulated processor most of a minute: once is enough.
    """
    for stage in stages:
        os.environ["DVC_STAGE"], _, script = stage.partition("=")
        sys.argv = [script]
        runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    from octrepro.reporting import inputs

    # Versions of packages are no result: PyTorch's newest for aarch64 is another one.
    inputs.PACKAGES = ()
    run(sys.argv[1:])
