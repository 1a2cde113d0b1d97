"""The prose: plain American English, words that fit the data at hand, numbers as readers see them."""

import re
from pathlib import Path
from typing import Any

import pytest

from octrepro.reporting import html, numbers
from octrepro.reporting.compose import build_report
from tests.reporting.conftest import make_inputs

# Phrases that read as translated or are wrong.
REJECTED = re.compile(
    r"""within.chance|told.from.chance|pull.apart|thousand.millions|classified.right|commonest|for.granted
    |any.more\.|can.be.put.to.numbers|the.same.slip|\(above\)|asked.for.under|turns?.away|speaks.up
    |argues.with|leads.to.the.evidence""",
    re.IGNORECASE | re.VERBOSE,
)
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


@pytest.mark.parametrize(
    ("phrases", "paths"),
    [(REJECTED, list(Path("report/prose").iterdir())), (BRITISH, TEXTS)],
    ids=["rejected", "British"],
)
def test_language_is_plain_and_american(phrases: re.Pattern[str], paths: list[Path]) -> None:
    found = {path: phrases.findall(path.read_text(encoding="utf-8")) for path in paths}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize("data", [{}, {"comparable": True, "synthetic": False, "source": "medmnist"}])
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


def test_other_data_are_described_without_the_retina() -> None:
    classes = ["normal", "pneumonia"]
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


def test_numbers_of_any_size_can_be_read() -> None:
    told = [numbers.number(value) for value in (-0.012344, 1.5e-7, 3.84192e10, True, None)]
    assert told == ["−0.01234", "1.5 × 10⁻⁷", "38,419,200,000", "yes", "–"]


def test_numbers_stay_beside_their_units_and_code_as_it_is() -> None:
    text = "It's -4 images of 28 × 28 pixels, 95 %; $x = -1$ and `a - 1 % 2`"
    told = "It’s −4 images of 28~×~28~pixels, 95~%; $x = -1$ and `a - 1 % 2`"
    assert numbers.typeset(text).replace("\u00a0", "~") == told
