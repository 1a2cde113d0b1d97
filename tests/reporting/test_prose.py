"""The prose: plain American English, and words that fit the data at hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from octrepro.reporting import html
from octrepro.reporting.compose import build_report
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
    "colour",
    "grey",
    "regularis",
    "generalis",
    "behaviour",
    "centre",
    "neighbour",
    "licence",
    "any more.",
    "can be put to numbers",
    "the same slip",
    "(above)",
    "asked for under",
)


@pytest.mark.parametrize("phrase", REJECTED)
def test_prose_avoids_rejected_phrases(phrase: str) -> None:
    assert not [name for name, text in PROSE.items() if phrase in text.lower()]


def test_units_and_relations_do_not_break_over_lines() -> None:
    text = build_report(make_inputs()).markdown
    assert not re.search(r"\d %", text)
    assert not re.search(r"\bp [=<] ", re.sub(r"\$[^$]*\$", "", text))


def test_other_data_are_described_without_the_retina() -> None:
    inputs = make_inputs(
        title="Chest X-rays", synthetic=False, source="file", classes=["normal", "pneumonia", "a", "b"]
    )
    inputs.results["retinal"] = False
    report = build_report(inputs)
    text = re.sub(r"<svg.*?</svg>", "", html.page(report), flags=re.S)
    about = text.partition("# References")[0].replace("small retinal OCT images", "")
    assert "Chest X-rays" in report.title
    assert not re.search(r"retina|macula|clinician", re.sub(r"<[^>]*>", "", about).partition("References")[0])
