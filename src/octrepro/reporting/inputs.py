"""What the report is built from: files of earlier stages, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from octrepro.config import Params
from octrepro.core import UserError, paths
from octrepro.core.files import read_json
from octrepro.core.records import RunRecord, load_records
from octrepro.reporting import provenance
from octrepro.reporting.content import Figure
from octrepro.reporting.numbers import typeset


@dataclass(frozen=True)
class Inputs:
    """Outputs of earlier stages for one data set.

    Attributes
    ----------
    dataset
        Its key in params.yaml.
    params
        All of params.yaml.
    summary
        summary.json of the prepared data.
    records
        Run records by run, in the order of params.yaml.
    claims, results
        The claim ledger; the results table, comparisons and audit.
    verification
        Verdicts on the Boolean constructions.
    figures
        Figures by id, those of the data set first.
    omitted
        Why other figures could not be drawn, by id.
    fingerprints, packages
        What went into the report and what made it, by name: hashes and versions.
    """

    dataset: str
    params: Params
    summary: dict[str, Any]
    records: dict[str, RunRecord]
    claims: list[dict[str, Any]]
    results: dict[str, Any]
    verification: dict[str, Any]
    figures: dict[str, Figure]
    omitted: dict[str, str]
    fingerprints: tuple[tuple[str, str], ...]
    packages: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        """What params.yaml calls the data set, which the prepared data leave out: an edit trains nothing."""
        title: str = self.params.datasets[self.dataset].title or self.summary["title"]
        return title


def load(dataset: str, params: Params) -> Inputs:
    """Read everything the report of a data set needs.

    Raises
    ------
    UserError
        When a file of an earlier stage is missing or cannot be read.
    """
    figures = [
        *_figures(paths.figures(dataset), "figures"),
        # Figures that no data set enters are shared: report.tex finds them one folder up.
        *_figures(paths.boolean_figures(), "../boolean/figures"),
    ]
    return Inputs(
        dataset=dataset,
        params=params,
        summary=read_json(paths.prepared(dataset) / "summary.json"),
        records=load_records(dataset, params.runs),
        claims=read_json(paths.claims(dataset)),
        results=read_json(paths.results(dataset)),
        verification=read_json(paths.verification()),
        figures={figure.id: figure for figure in figures},
        omitted={entry["id"]: entry["reason"] for entry in _omitted(paths.figures(dataset))},
        fingerprints=provenance.fingerprints(dataset, params),
        packages=provenance.packages(),
    )


def _figures(folder: Path, from_tex: str) -> list[Figure]:
    index = read_json(folder / "figures.json")
    return [_figure(entry, folder, from_tex) for entry in index]


def _omitted(folder: Path) -> list[dict[str, Any]]:
    index = folder / "omitted.json"
    found: list[dict[str, Any]] = read_json(index) if index.is_file() else []
    return found


def _figure(entry: dict[str, Any], folder: Path, from_tex: str) -> Figure:
    name = entry["id"]
    return Figure(
        **{key: entry[key] for key in ("id", "number", "alt", "stage", "command", "synthetic")},
        title=typeset(entry["title"]),
        caption=typeset(entry["caption"]),
        data=tuple(entry["data"]),
        svg=_text(folder / f"{name}.svg"),
        csv=_text(folder / f"{name}.csv"),
        path=f"{from_tex}/{name}.pdf",
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"cannot read the figure {path}: {error.__class__.__name__}",
            hint="run 'dvc repro' to draw it anew",
        ) from None
