"""`make diff` shows people, scripts and CI what changed, and fails when something moved that must not."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from octrepro.core import UserError
from octrepro.core.files import write_json, write_text
from octrepro.diff.gate import LEVELS, MOVED
from octrepro.diff.page import write_pages

ROOT = Path(__file__).parents[2]
RUN = "runs/phantom/mlp"
METRICS, HISTORY = f"{RUN}/metrics.json", f"{RUN}/history.csv"
CLAIMS, VERIFICATION = "runs/phantom/claims.json", "runs/boolean/verification.json"
COPIED = ("params.yaml", METRICS, HISTORY, CLAIMS, VERIFICATION)
LOCK = {"stages": {"train@phantom-mlp": {"outs": [{"path": "results/mlp.npz", "md5": "before"}]}}}


def git(*arguments: str) -> None:
    settings = ["-c", "user.name=tests", "-c", "user.email=tests@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *arguments], check=True, capture_output=True)


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a repository whose only commit holds real results."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    for path in COPIED:
        write_text(path, (ROOT / path).read_text())
    write_text("dvc.lock", yaml.safe_dump(LOCK))
    write_text("tests/params.yaml", "seed: 1")
    git("init", "--quiet", "--initial-branch=main")
    git("add", ".")
    git("commit", "--quiet", "-m", "results")
    Path("report").symlink_to(ROOT / "report")


def edit(path: str, pattern: str, now: str) -> None:
    """Replace the first match."""
    text, count = re.subn(pattern, lambda _: now, Path(path).read_text(), count=1)
    assert count
    Path(path).write_text(text)


def pages() -> tuple[str, str, ElementTree.Element]:
    """Markdown, HTML and the test cases of JUnit's XML, as written last."""
    folder = Path("build/diff")
    suite = ElementTree.fromstring(Path("build/claims.xml").read_bytes())  # noqa: S314 - our own
    return (folder / "diff.md").read_text(), (folder / "diff.html").read_text(), suite


def test_nothing_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert not write_pages("main", "bytes")
    printed = capsys.readouterr().out
    assert printed.startswith("No verdicts or accuracies or output hashes moved since main.\n")
    assert printed.count(": no changes") == 4
    text, page, suite = pages()
    assert text.count("No change.") == page.count("No change.") == 4
    assert suite.attrib == {"name": "claims", "tests": str(len(suite)), "failures": "0"}
    tested = json.loads(Path(CLAIMS).read_text()), json.loads(Path(VERIFICATION).read_text())["constructions"]
    assert len(suite) == sum(map(len, tested))


@pytest.mark.parametrize(
    ("path", "before", "now", "level", "said", "row"),
    [
        ("params.yaml", r"seed: \d+", "seed: 9", None, "", r"\| seed \| \d+ \| 9 \|"),
        ("dvc.lock", "before", "after", "bytes", r"output hashes \(results/mlp\.npz\)", ""),
        (
            *(METRICS, r'"test_accuracy": [\d.]+', '"test_accuracy": 0.0', "metrics"),
            *(r"accuracies \(phantom/mlp test_accuracy: [\d.]+ → 0 \(-0\.\d+\)\)", r" \| 0 \(-0\.\d+\) \|"),
        ),
        (
            *(CLAIMS, r'"verdict": "\w+"', '"verdict": "other"', "verdicts"),
            *(r"verdicts \(phantom/\w+: \w+ → other\)", r"\| phantom \| .+ \| .+ \| \w+ \| other \|"),
        ),
        (
            *(CLAIMS, r'"id": "\w+"', '"id": "new"', "verdicts"),
            *(r"verdicts \(phantom/\w+: \w+ → —; phantom/new: — → \w+\)", r"\| new \| .+ \| — \| \w+ \|"),
        ),
        (
            *(VERIFICATION, r'"mismatches": \d+', '"mismatches": -1', "verdicts"),
            *(r"verdicts \(boolean/\w+: .* → .*, -1 mismatches\)", r"-1 mismatches \|"),
        ),
    ],
)
def test_a_change_is_shown_and_fails_its_level_and_those_after(
    path: str, before: str, now: str, level: str | None, said: str, row: str
) -> None:
    edit(path, before, now)
    levels = list(LEVELS)
    first = len(levels) if level is None else levels.index(level)
    assert [write_pages("main", each) for each in levels] == [n >= first for n in range(len(levels))]
    text, page, suite = pages()
    moved = (
        f"Moved since main: {said}"
        if level
        else "No verdicts or accuracies or output hashes moved since main"
    )
    assert re.search(moved, page)
    assert re.search(row, text.replace("\\", ""))
    failures = said.count("→") if level == "verdicts" else 0
    assert len(suite.findall("*/failure")) == int(suite.attrib["failures"]) == failures


def test_curves_are_drawn_before_and_now() -> None:
    edit(HISTORY, r"\n1,.*", "")
    new = Path("runs/phantom/other/history.csv")
    new.parent.mkdir()
    shutil.copy(ROOT / "runs/phantom/perceptron/history.csv", new)
    write_pages("main")
    text, page, _ = pages()
    assert "| data set | run |\n| --- | --- |\n| phantom | mlp |\n| phantom | other |\n" in text
    assert page.count("<svg") == 2
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_what_claims_say_stays_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    statement = r"<b>bold</b> | *claim* at $\eta = 0.1$" + "\0"
    write_json(CLAIMS, [{"id": "</td>100%\r\n::warning::", "statement": statement, "verdict": "holds"}])
    write_pages("main")
    text, page, suite = pages()
    assert "\\<b\\>bold\\</b\\> \\| \\*claim\\* at η=0.1" in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>bold" not in page
    case = suite[-1]
    assert case.attrib["name"] == "</td>100%\\r\n::warning::"
    assert case[0].text == "<b>bold</b> | *claim* at η=0.1\\x00"
    commands = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::")]
    assert commands[-1] == "::error title=Verdict moved::phantom/</td>100%25%0D%0A::warning::: — → holds"


def test_the_exit_code_and_the_first_line_tell() -> None:
    edit(CLAIMS, r'"verdict": "\w+"', '"verdict": "other"')
    command = [sys.executable, "-m", "octrepro", "diff", "main"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == MOVED
    assert result.stdout.startswith("Moved since main: verdicts (")


@pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=x", ""])
def test_an_unknown_revision_is_refused(revision: str) -> None:
    with pytest.raises(UserError, match="does not know"):
        write_pages(revision)


@pytest.mark.parametrize("path", ["params.yaml", "dvc.lock", METRICS, CLAIMS, VERIFICATION])
@pytest.mark.parametrize("text", ["<<<<<<< HEAD\n: {", "[1]", "\xff"])
def test_a_file_that_cannot_be_read_does_not_pass(path: str, text: str) -> None:
    Path(path).write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError, match="cannot be read"):
        write_pages("main")
