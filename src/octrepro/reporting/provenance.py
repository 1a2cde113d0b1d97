"""Where a report comes from, in a form that is the same for every build of the same state."""

import hashlib
import json
from importlib import metadata
from pathlib import Path

from octrepro.config import Params
from octrepro.core import paths
from octrepro.core.files import digest_of
from octrepro.reporting.content import FOLDER

# What the report stage declares in dvc.yaml, besides its data set.
PARAMETERS = {"seed", "numerics", "experiments", "variants", "ablation", "boolean", "report"}

SOURCES = ("prose", "templates", "style.css")
PACKAGES: tuple[str, ...] = (
    *("numpy", "scipy", "numba", "z3-solver", "torch", "matplotlib", "safetensors", "dvc"),
    *("jinja2", "markdown-it-py", "mdit-py-plugins", "latex2mathml"),
)


def fingerprint(*places: Path) -> str:
    """SHA-256 over names (relative to the project root) and contents of files and of all files in folders."""
    found = {file for place in places for file in (place, *place.rglob("*")) if file.is_file()}
    return digest_of(found, Path())


def fingerprints(dataset: str, params: Params) -> dict[str, str]:
    """What went into a report, part by part, with the fingerprint of each.

    Only what the report stage depends on is read, so that a fingerprint can never be out of date: code is
    named by the commit, whose lock file lists these same outputs.
    """
    used = params.model_dump(mode="json", include=PARAMETERS)
    used["dataset"] = params.datasets[dataset].model_dump(mode="json")
    return {
        "parameters": hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest(),
        "run records": fingerprint(*(paths.record(dataset, run) for run in params.runs)),
        "claims and results": fingerprint(paths.claims(dataset), paths.results(dataset)),
        "Boolean verification": fingerprint(paths.verification),
        "figures": fingerprint(paths.figures(dataset), paths.boolean_figures),
        "prose, templates and style": fingerprint(*(FOLDER / part for part in SOURCES)),
    }


def packages() -> dict[str, str]:
    """Versions of the packages that compute, draw and write; builds of one version are not told apart."""
    return {name: metadata.version(name).partition("+")[0] for name in PACKAGES}
