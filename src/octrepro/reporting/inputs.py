"""What the report is built from: files of earlier stages, and nothing else."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from octrepro.config import Params
from octrepro.core import UserError, paths
from octrepro.core.files import read_json


@dataclass(frozen=True)
class Inputs:
    """Outputs of earlier stages for one data set, as their files have them.

    A figure is its entry in figures.json, with the picture as ``svg``, its numbers as ``csv`` and the
    ``path`` of its PDF, relative to report.tex.
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
