"""Documents name what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECKS = (ROOT / "docs/checks.md").read_text()
DOCUMENTS = ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


def test_every_promise_names_a_test_that_exists() -> None:
    rows = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", CHECKS, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    for number, shown_by in rows:
        tests = re.findall(r"`([\w/]+\.py)`", shown_by)
        assert tests, f"promise {number} names no test"
        assert [path for path in tests if not (ROOT / "tests" / path).is_file()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_make_targets_and_links_exist(document: str) -> None:
    text = (ROOT / document).read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`(?:\w+=\S+ )*make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / document).parent.joinpath(link).exists(), link
