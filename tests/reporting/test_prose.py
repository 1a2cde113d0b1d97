"""The prose: plain American English, and words that fit the data at hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from octrepro.reporting import html
from octrepro.reporting.compose import build_report
from octrepro.reporting.inputs import Inputs
from tests.reporting.conftest import make_inputs

PROSE = {path.name: path.read_text(encoding="utf-8") for path in sorted(Path("report/prose").iterdir())}
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


def test_units_and_relations_do_not_break_over_lines(inputs: Inputs) -> None:
    text = build_report(inputs).markdown
    assert not re.search(r"\d %", text)
    assert not re.search(r"\bp [=<] ", re.sub(r"\$[^$]*\$", "", text))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"comparable": True, "synthetic": False, "source": "medmnist"},
        {"synthetic": False, "source": "medmnist"},
        {"synthetic": False, "source": "file"},
    ],
    ids=["phantom", "octmnist", "medmnist", "file"],
)
def test_every_reference_is_cited_and_every_citation_listed(data: dict[str, Any]) -> None:
    body, _, listed = build_report(make_inputs(**data)).markdown.partition("# References")
    references = [line for line in listed.splitlines() if line.startswith("- ")]
    assert len(references) >= 8
    years = set()
    for reference in references:
        (name,) = re.findall(r"([A-Z][a-z]\w+)", reference)[:1]
        year = re.findall(r"\b((?:19|20)\d\d)\b", reference)[-1]
        years.add(year)
        cited = rf"{name}[^.]{{0,60}}{year}|{year}[^.]{{0,60}}{name}|{year} two students, F. {name}"
        assert re.search(cited, body), reference
    assert set(re.findall(r"\((?:[^()]* )?((?:19|20)\d\d)\b[^()]*\)", body)) <= years


@pytest.mark.parametrize("classes", [["normal", "pneumonia"], ["normal", "pneumonia", "a", "b"]])
def test_other_data_are_described_without_the_retina(classes: list[str]) -> None:
    inputs = make_inputs(title="Chest X-rays", synthetic=False, source="file", classes=classes, note="")
    inputs.results["retinal"] = False
    for row in inputs.results["rows"]:
        row["recall"], row["class_auc"] = row["recall"][: len(classes)], row["class_auc"][: len(classes)]
    report = build_report(inputs)
    body = html.page(report).partition("<main")[2].partition('id="references"')[0]
    text = re.sub(r"<svg.*?</svg>|<[^>]*>", "", body, flags=re.S)
    assert inputs.title in report.title
    assert f"{inputs.title} has " in text
    assert len(text) > 20_000
    assert not re.search(r"retina|macula|drusen|clinician|\bOCT\b", text)
