"""The prose: plain American English, and words that fit the data at hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from octrepro.config import File
from octrepro.core.files import read_json
from octrepro.datasets.describe import describe
from octrepro.datasets.prepare import prepare
from octrepro.reporting import html
from octrepro.reporting.compose import build_report
from octrepro.reporting.inputs import Inputs
from tests.reporting.conftest import make_inputs

PROSE = {path.name: path.read_text(encoding="utf-8") for path in sorted(Path("report/prose").iterdir())}
PNEUMONIA = Path("../shared/data/pneumoniamnist.npz")
# Phrases that read as translated, are wrong, or are not American spelling.
REJECTED = (
    "within chance",
    "told from chance",
    "pull apart",
    "thousand millions",
    "to have learnt",
    "learnt",
    "classified right",
    "commonest",
    "for granted",
    "any more.",
    "can be put to numbers",
    "the same slip",
    "(above)",
    "asked for under",
    "turn away",
    "turns away",
    "speaks up",
    "argues with",
    "leads to the evidence",
)


@pytest.mark.parametrize("phrase", REJECTED)
def test_prose_avoids_rejected_phrases(phrase: str) -> None:
    assert not [name for name, text in PROSE.items() if phrase in text.lower()]


BRITISH = re.compile(
    r"""colour|\bgrey|behaviour|neighbour|favour|honour|\bcentre|\blicences?\b|labelled(?!by)|modelling|artefact|analys(?:e[ds]?|ing)\b
    |\blearnt\b|\b(?:regular|general|normal|optim|initial|summar|organ|recogn|serial|human|minim|maxim)is(?:e[ds]?|ing|ation)\b""",
    re.IGNORECASE | re.VERBOSE,
)
TEXTS = [
    path
    for place in ("README.md", "CONTRIBUTING.md", "params.yaml", "docs", "report", "src", "stages")
    for path in ([Path(place)] if Path(place).is_file() else Path(place).rglob("*"))
    if path.suffix in {".md", ".py", ".yaml", ".j2", ".css", ".js"} and "build" not in path.parts
]


def test_spelling_is_american() -> None:
    found = {str(path): BRITISH.findall(path.read_text(encoding="utf-8")) for path in TEXTS}
    assert len(found) > 100
    assert {path: words for path, words in found.items() if words} == {}


def test_units_and_relations_do_not_break_over_lines() -> None:
    text = build_report(make_inputs()).markdown
    assert not re.search(r"\d %", text)
    assert not re.search(r"\bp [=<] ", re.sub(r"\$[^$]*\$", "", text))


@pytest.mark.parametrize(
    "inputs",
    [
        make_inputs(),
        make_inputs(comparable=True, synthetic=False, source="medmnist"),
        make_inputs(synthetic=False, source="medmnist"),
        make_inputs(synthetic=False, source="file"),
    ],
    ids=["phantom", "octmnist", "medmnist", "file"],
)
def test_every_reference_is_cited_and_every_citation_listed(inputs: Inputs) -> None:
    body, _, listed = build_report(inputs).markdown.partition("# References")
    references = [line for line in listed.splitlines() if line.startswith("- ")]
    assert len(references) >= 8
    years = set()
    for reference in references:
        name, year = (
            re.search(r"([A-Z][a-z]\w+)", reference),
            re.findall(r"\b((?:19|20)\d\d)\b", reference)[-1],
        )
        assert name
        years.add(year)
        cited = rf"{name[1]}[^.]{{0,60}}{year}|{year}[^.]{{0,60}}{name[1]}|{year} two students, F. {name[1]}"
        assert re.search(cited, body), reference
    assert set(re.findall(r"\((?:[^()]* )?((?:19|20)\d\d)\b[^()]*\)", body)) <= years


def _without_the_retina(inputs: Inputs) -> None:
    inputs.results["retinal"] = False
    report = build_report(inputs)
    body = html.page(report).partition("<main")[2].partition('id="references"')[0]
    text = re.sub(r"<svg.*?</svg>|<[^>]*>", "", body, flags=re.S)
    assert inputs.title in report.title
    assert f"{inputs.title} has " in text
    assert len(text) > 20_000
    assert not re.search(r"retina|macula|drusen|clinician|\bOCT\b", text)


def test_other_data_are_described_without_the_retina() -> None:
    classes = ["normal", "pneumonia", "a", "b"]
    _without_the_retina(make_inputs(title="Chest X-rays", synthetic=False, source="file", classes=classes))


@pytest.mark.skipif(not PNEUMONIA.is_file(), reason=f"there is no {PNEUMONIA}")
def test_chest_x_rays_of_medmnist_are_described_as_such(tmp_path: Path) -> None:
    source = File(source="file", path=str(PNEUMONIA), classes=["normal", "pneumonia"], title="PneumoniaMNIST")
    prepare("sample", PNEUMONIA, tmp_path / "sample", describe("sample", source))
    summary = read_json(tmp_path / "sample/summary.json")
    inputs = make_inputs(**summary)
    inputs.params.datasets["sample"] = source
    for row in inputs.results["rows"]:
        row["recall"] = row["recall"][:2]
        row["class_auc"] = row["class_auc"][:2]
    _without_the_retina(inputs)
