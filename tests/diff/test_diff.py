"""A reviewer sees what changed: parameters, metrics, verdicts, constructions, curves."""

from __future__ import annotations

from pathlib import Path

import pytest

from octrepro.core import UserError
from octrepro.core.files import write_json, write_text
from octrepro.diff.changes import check_revision, curves, plain, tables, verdicts
from octrepro.diff.page import write_pages
from tests.diff.conftest import write_state


def rows(title: str) -> list[tuple[str, ...]]:
    return next(table.rows for table in tables("main", verdicts("main")) if table.title == title)


def test_says_that_nothing_changed(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pages("main")
    assert capsys.readouterr().out.count(": no changes") == 5
    assert (repository / "build/diff/diff.md").read_text().count("No change.") == 4
    assert curves("main") == []


def test_lists_every_kind_of_change(repository: Path) -> None:
    write_state(correct=6, verdict="fails", learning_rate=0.2, val="0.75")
    assert rows("Parameters") == [("experiments.run.learning_rate", "0.1", "0.2")]
    assert sorted(rows("Metrics")) == [
        ("data/run", "test_accuracy", "0.5", "0.75", "+0.25"),
        ("data/run", "test_correct", "4", "6", "+2"),
    ]
    assert rows("Verdicts") == [("data", "a_claim", "<b>bold</b> | *claim* at η=0.1", "holds", "fails")]
    assert rows("Boolean constructions") == []
    (pair,) = curves("main")
    assert pair.before is not None
    assert pair.now is not None
    assert list(pair.before["val_accuracy"]) == [0.25, 0.5]
    assert list(pair.now["val_accuracy"]) == [0.25, 0.75]


def test_shows_new_and_removed_entries(repository: Path) -> None:
    construction = {"name": "other", "verdict": "fails", "robust": False, "mismatches": 3}
    write_json("runs/boolean/verification.json", {"constructions": [construction]})
    assert rows("Boolean constructions") == [
        ("net", "computes, robust, 0 mismatches", "—"),
        ("other", "—", "fails, not robust, 3 mismatches"),
    ]
    (repository / "runs/data/run/history.csv").unlink()
    (pair,) = curves("main")
    assert pair.now is None


def test_pages_escape_what_the_data_says(repository: Path) -> None:
    write_state(correct=6, verdict="fails", learning_rate=0.2, val="0.75")
    write_pages("main")
    text = (repository / "build/diff/diff.md").read_text()
    assert "\\<b\\>bold\\</b\\> \\| \\*claim\\* at η=0.1" in text
    assert "\n1 history changed: data/run.\n" in text
    page = (repository / "build/diff/diff.html").read_text()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>bold" not in page
    assert page.count("<svg") == 1
    assert "http://" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=x", ""])
def test_refuses_an_unknown_revision(repository: Path, revision: str) -> None:
    with pytest.raises(UserError, match="does not know"):
        check_revision(revision)


def test_refuses_results_that_cannot_be_read(repository: Path) -> None:
    write_text("runs/data/claims.json", "{")
    with pytest.raises(UserError, match="working tree cannot be read"):
        verdicts("main")
    write_text("runs/boolean/verification.json", "{")
    with pytest.raises(UserError, match="working tree cannot be read"):
        tables("main", [])


def test_formulas_become_characters() -> None:
    assert plain(r"from $\eta = 0.1$ to $10^{-3}$, for 5 $") == "from η=0.1 to 10−3, for 5 $"
