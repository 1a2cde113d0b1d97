"""Where a report comes from, in a form that is the same for every build of the same state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from octrepro.config import Params
from octrepro.core import paths

# What the report stage declares in dvc.yaml, besides its data set.
PARAMETERS = {"seed", "numerics", "experiments", "variants", "ablation", "boolean", "report"}

PACKAGES: tuple[str, ...] = (
    "numpy",
    "scipy",
    "numba",
    "z3-solver",
    "torch",
    "matplotlib",
    "safetensors",
    "dvc",
    "jinja2",
    "markdown-it-py",
    "mdit-py-plugins",
    "latex2mathml",
)


def fingerprint(places: Iterable[Path]) -> str:
    """SHA-256 over names (relative to the project root) and contents of files and of all files in folders."""
    files = sorted(
        {
            file
            for place in places
            for file in (place.rglob("*") if place.is_dir() else [place])
            if file.is_file()
        },
        key=lambda file: file.as_posix(),
    )
    total = hashlib.sha256()
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        total.update(f"{content}  {file.as_posix()}\n".encode())
    return total.hexdigest()


def fingerprints(dataset: str, params: Params, prose: Path = Path("report")) -> tuple[tuple[str, str], ...]:
    """What went into a report, part by part, with the fingerprint of each.

    Only what the report stage depends on is read, so that a fingerprint can never be out of date: code is
    named by the commit, whose lock file lists these same outputs.
    """
    used = params.model_dump(mode="json", include=PARAMETERS)
    used["dataset"] = params.datasets[dataset].model_dump(mode="json")
    settings = hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest()
    return (
        ("parameters", settings),
        ("run records", fingerprint([paths.record(dataset, run) for run in params.runs])),
        ("claims and results", fingerprint([paths.claims(dataset), paths.results(dataset)])),
        ("Boolean verification", fingerprint([paths.verification()])),
        ("figures", fingerprint([paths.figures(dataset), paths.boolean_figures()])),
        (
            "prose, templates and style",
            fingerprint([prose / "prose", prose / "templates", prose / "style.css"]),
        ),
    )


def packages() -> tuple[tuple[str, str], ...]:
    """Versions of the packages that compute, draw and write; builds of one version are not told apart."""
    found = []
    for name in PACKAGES:
        try:
            found.append((name, metadata.version(name).partition("+")[0]))
        except metadata.PackageNotFoundError:
            found.append((name, "not installed"))
    return tuple(found)
