"""`make diff` fails when something moved that must not, and says what: to people, scripts and CI."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from octrepro.core import UserError
from octrepro.core.files import write_json, write_text
from octrepro.diff.changes import Verdict, tables, verdicts
from octrepro.diff.gate import MOVED, FailOn, junit, moves, sentence, workflow_commands
from octrepro.diff.page import write_pages
from tests.diff.conftest import write_lock, write_state

STAYED = Verdict("data", "stays", "It stays.", "holds", "holds")
HOSTILE = Verdict("data", "</testcase>", 'a < b & "c"\0', "holds", "fails")


@pytest.mark.parametrize(
    ("correct", "verdict", "checksum", "moved", "said"),
    [
        (4, "holds", "1", (False, False, False), "No verdict, accuracy or output hash moved since main."),
        (4, "holds", "2", (False, False, True), "Moved since main: 1 output hash (results/data/run.npz)."),
        (
            *(6, "holds", "1", (False, True, True)),
            "Moved since main: 1 accuracy (data/run test_accuracy: 0.5 → 0.75).",
        ),
        (4, "fails", "1", (True, True, True), "Moved since main: 1 verdict (data/a_claim: holds → fails)."),
    ],
)
def test_each_level_includes_those_before_it(
    repository: Path, correct: int, verdict: str, checksum: str, moved: tuple[bool, ...], said: str
) -> None:
    write_state(correct, verdict, learning_rate=0.2)
    write_lock(checksum * 32)
    found = tables("main", verdicts("main"))
    each = [moves(level, "main", found) for level in FailOn]
    assert tuple(any(entries.values()) for entries in each) == moved
    assert sentence(each[-1], "main") == said


def test_the_exit_code_and_the_first_line_tell(repository: Path) -> None:
    write_state(4, "fails", learning_rate=0.1)
    command = [sys.executable, "-m", "octrepro", "diff", "main"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    said = "Moved since main: 1 verdict (data/a_claim: holds → fails)."
    assert (result.returncode, result.stdout.splitlines()[0]) == (MOVED, said)
    assert said in (repository / "build/diff/diff.html").read_text()


def test_a_claim_or_construction_that_comes_or_goes_has_moved(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json("runs/data/claims.json", [])
    write_json("runs/boolean/verification.json", {})
    assert write_pages("main")
    first = capsys.readouterr().out.splitlines()[0]
    assert "2 verdicts (data/a_claim: holds → —; boolean/net: computes, robust, 0 mismatches → —)" in first


@pytest.mark.parametrize("path", ["dvc.lock", "runs/data/run/metrics.json"])
def test_a_file_that_cannot_be_read_does_not_pass(repository: Path, path: str) -> None:
    write_text(path, "<<<<<<< HEAD\n")
    with pytest.raises(UserError, match="cannot be read"):
        write_pages("main", FailOn.METRICS)


def test_claims_become_test_cases(repository: Path) -> None:
    write_state(4, "fails", learning_rate=0.1)
    assert write_pages("main")
    (suite,) = ElementTree.fromstring((repository / "build/claims.xml").read_bytes())  # noqa: S314 - our own
    assert suite.attrib == {"name": "data", "tests": "1", "failures": "1"}
    (case,) = suite
    assert case.attrib == {"classname": "claims.data", "name": "a_claim"}
    assert [failure.attrib["message"] for failure in case] == ["main: holds; now: fails"]


def test_test_cases_escape_what_claims_say() -> None:
    text = junit([STAYED, HOSTILE], "main")
    (suite,) = ElementTree.fromstring(text)  # noqa: S314 - our own
    stayed, moved = suite
    assert (len(stayed), moved.attrib["name"], moved[0].text) == (0, "</testcase>", 'a < b & "c"\\x00')
    assert junit([STAYED, HOSTILE], "main") == text


def test_long_lists_are_cut_and_stay_one_line() -> None:
    said = sentence({"verdicts": [f"claim\n{number}" for number in range(5)], "metrics": []}, "main")
    assert said == "Moved since main: 5 verdicts (claim 0; claim 1; claim 2; 2 more)."


def test_github_shows_each_verdict_that_moved(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_state(6, "fails", learning_rate=0.1)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    write_pages("main", FailOn.METRICS)
    commands = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::")]
    assert commands == ["::error title=Verdict moved::data/a_claim: holds → fails"]


def test_annotations_are_escaped() -> None:
    assert workflow_commands({"verdicts": ["100%\r\n::warning::x"]}) == [
        "::error title=Verdict moved::100%25%0D%0A::warning::x"
    ]
