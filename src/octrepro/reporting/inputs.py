"""What the report is built from: files of earlier stages, and nothing else; and how a reader can tell."""

import hashlib
import json
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from octrepro.config.schema import Params
from octrepro.core import UserError, paths
from octrepro.core.files import digest_of, read_json
from octrepro.reporting.content import FOLDER
from octrepro.reporting.numbers import typeset

PACKAGES: tuple[str, ...] = (
    *("numpy", "scipy", "numba", "z3-solver", "torch", "matplotlib", "safetensors", "dvc"),
    *("jinja2", "markdown-it-py", "mdit-py-plugins", "math-core"),
)


@dataclass(frozen=True)
class Inputs:
    """Outputs of earlier stages for one data set, as their files have them.

    A figure is its entry in figures.json, its words typeset, with the picture as ``svg``, its numbers as
    ``csv`` and the ``path`` of its PDF, relative to report.tex.
    """

    dataset: str  # its key in params.yaml
    params: Params
    summary: dict[str, Any]  # of the prepared data
    claims: list[dict[str, Any]]
    results: dict[str, Any]
    verification: dict[str, Any]  # verdicts on the Boolean constructions
    figures: dict[str, dict[str, Any]]  # by id, those of the data set first
    omitted: dict[str, str]  # why other figures could not be drawn, by id

    @property
    def title(self) -> str:
        """What params.yaml calls the data set, which the prepared data leave out: an edit trains nothing."""
        title: str = self.params.datasets[self.dataset].title or self.summary["title"]
        return title


def load(dataset: str, params: Params) -> Inputs:
    """Read everything the report of a data set needs; a `UserError` names a file that cannot be read."""
    return Inputs(
        dataset=dataset,
        params=params,
        summary=read_json(paths.prepared(dataset) / "summary.json"),
        claims=read_json(paths.claims(dataset)),
        results=read_json(paths.results(dataset)),
        verification=read_json(paths.verification),
        figures={
            **_figures(paths.figures(dataset), "figures"),
            # Figures that no data set enters are shared: report.tex finds them one folder up.
            **_figures(paths.boolean_figures, "../boolean/figures"),
        },
        omitted=read_json(paths.figures(dataset) / "omitted.json"),
    )


def _figures(folder: Path, from_tex: str) -> dict[str, dict[str, Any]]:
    try:
        return {
            entry["id"]: {
                **entry,
                "title": typeset(entry["title"]),
                "caption": typeset(entry["caption"]),
                "svg": (folder / f"{entry['id']}.svg").read_text(encoding="utf-8"),
                "csv": (folder / f"{entry['id']}.csv").read_text(encoding="utf-8"),
                "path": f"{from_tex}/{entry['id']}.pdf",
            }
            for entry in read_json(folder / "figures.json")
        }
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"cannot read a figure in {folder}: {error}", hint="run 'dvc repro' to draw it anew"
        ) from None


def _fingerprint(*places: Path) -> str:
    """SHA-256 over names (relative to the project root) and contents of files and of all files in folders."""
    found = {file for place in places for file in (place, *place.rglob("*")) if file.is_file()}
    return digest_of(found, Path())


def fingerprints(inputs: Inputs) -> dict[str, str]:
    """What went into a report, part by part, with the fingerprint of each.

    Only what the report stage depends on is read, so that a fingerprint can never be out of date: code is
    named by the commit, whose lock file lists these same outputs.
    """
    dataset, params = inputs.dataset, inputs.params
    # What the report stage declares in dvc.yaml, besides its data set.
    declared = {"seed", "numerics", "experiments", "variants", "ablation", "boolean", "report"}
    used = params.model_dump(mode="json", include=declared)
    used["dataset"] = params.datasets[dataset].model_dump(mode="json")
    written = [FOLDER / part for part in ("prose", "templates", "style.css")]
    return {
        "parameters": hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest(),
        "run records": _fingerprint(*(paths.record(dataset, run) for run in params.runs)),
        "claims and results": _fingerprint(paths.claims(dataset), paths.results(dataset)),
        "Boolean verification": _fingerprint(paths.verification),
        "figures": _fingerprint(paths.figures(dataset), paths.boolean_figures),
        "prose, templates and style": _fingerprint(*written),
    }


def packages() -> dict[str, str]:
    """Versions of the packages that compute, draw and write; builds of one version are not told apart."""
    return {name: metadata.version(name).partition("+")[0] for name in PACKAGES}
