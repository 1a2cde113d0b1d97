"""Documents name what exists, and their commands run as written."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.pipeline.conftest import Project, built_once

__all__ = ["built_once"]

ROOT = Path(__file__).parents[1]
CHECKS = (ROOT / "docs/checks.md").read_text()
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
]
# What the project of the other tests does not need.
FURTHER = ("Makefile", "pyproject.toml", "CONTRIBUTING.md")
TOOLS = r"make|dvc|git|source|python -m|pip|pre-commit|apt-get"

COQ = "takes minutes; boolean/test_certificate.py"
DOCKER = "needs Docker; test_container.py carries out the steps"
# Commands that are not run as written here, and why.
EXCEPTIONS = {
    "apt-get install coq": "changes the system",
    "docker build --tag octrepro . && docker run --name octrepro octrepro make report": DOCKER,
    "docker cp octrepro:/home/octrepro/project/report/build .": DOCKER,
    "dvc metrics": "names a group of commands",
    "make bench": "takes minutes; benchmarks/test_benchmarks.py",
    "make bench SIZE=full": "takes minutes; benchmarks/test_benchmarks.py",
    "make check": "builds all anew; pipeline/test_check.py",
    "make check AGAINST=check.json": "builds all anew; pipeline/test_check.py",
    "make check DATASET=octmnist": "builds all anew; pipeline/test_check.py",
    "make check DATASET=octmnist RECORD=1": "builds all anew; pipeline/test_check.py",
    "make check-cpus": "emulates processors; pipeline/test_cpus.py",
    "make lint": "has a job of its own in continuous integration",
    "make lock": "asks a package index",
    "make report DATASET=mine": "needs a data set of one's own; pipeline/test_build.py",
    "make report DATASET=octmnist": "downloads 55 MB; datasets/test_download.py",
    "make test": "runs these tests",
    "make test-endurance": "runs such tests",
    "make test-fast": "runs such tests",
    "make prove": COQ,
    "pip install dask-jobqueue": "needs SLURM to be of use",
    "pre-commit install": "would hold the commits of this test to the checks",
    "python -m octrepro prove mine.v": COQ,
    "python -m benchmarks.seeds": "takes minutes; benchmarks/test_benchmarks.py",
}
# What stands for a reader's own choice.
STAND_INS = {
    "/net/shared/octrepro": "$PWD/../shared",
    "<url>": "../origin.git",
    "file.yaml": "mine.yaml",
    "cd octrepro && make setup": "cd octrepro && cp -r ../.venv . && make setup",
}


def blocks(document: str) -> list[str]:
    """The blocks of commands of a document."""
    return re.findall(r"^```sh\n(.*?)^```", (ROOT / document).read_text(), re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[str]:
    """The lines of a block without comments."""
    return [line for line in (re.sub(r"(^|\s+)#.*", "", line) for line in block.splitlines()) if line]


def in_prose() -> set[str]:
    """The commands within sentences."""
    texts = [re.sub(r"^```.*?^```", "", (ROOT / path).read_text(), flags=re.M | re.S) for path in DOCUMENTS]
    pattern = rf"`((?:[A-Z_]+=\w+ )*(?:{TOOLS}) [^`\n<]+)`"
    return {command for text in texts for command in re.findall(pattern, text)}


BLOCKS = [(document, number) for document in DOCUMENTS for number in range(len(blocks(document)))]
SENTENCES = sorted(in_prose() - set(EXCEPTIONS))


@pytest.fixture(scope="module")
def project(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A reader's clone: a small project, built, with an environment and a remote."""
    place = tmp_path_factory.mktemp("reader")
    project = built_once.copy(place / "project")
    for name in FURTHER:
        shutil.copy(ROOT / name, project.folder)
    construction = re.search(
        r"^```yaml\n(# mine.yaml\n.*?)^```", (ROOT / "docs/boolean.md").read_text(), re.M | re.S
    )
    assert construction
    (project.folder / "mine.yaml").write_text(construction[1])
    project.commit("all of it")
    project.run("git", "clone", "--quiet", "--bare", ".", str(place / "origin.git"))
    project.run("git", "remote", "add", "origin", str(place / "origin.git"))
    project.run("git", "fetch", "--quiet", "origin")
    project.run("git", "branch", "--quiet", "--set-upstream-to=origin/main")
    environment = project.folder / ".venv"
    environment.mkdir()
    for part in Path(sys.prefix).iterdir():
        (environment / part.name).symlink_to(part)
    (environment / "ready").unlink(missing_ok=True)
    (environment / "ready").touch()
    return project


def run(project: Project, script: str) -> None:
    """Run a script as a reader's shell would, and end what it left in the background."""
    for theirs, ours in STAND_INS.items():
        script = script.replace(theirs, ours)
    log = project.folder.parent / "log"
    with log.open("w") as output:
        shell = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=project.folder, env=project.environment(), stdout=output, stderr=output,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        code = shell.wait()
    with suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGKILL)
    assert code == 0, f"{script}\n{log.read_text()}"


@pytest.mark.slow
@pytest.mark.xdist_group("docs")
class TestCommands:
    """Every command of the documents, in one project after the other."""

    @pytest.mark.parametrize("command", SENTENCES)
    def test_of_sentences(self, project: Project, command: str) -> None:
        if command == "make archive" and shutil.which("pdflatex") is None:
            pytest.skip("needs LaTeX")
        run(project, command)
        assert project.run("git", "status", "--porcelain").stdout == ""

    @pytest.mark.parametrize(("document", "number"), BLOCKS)
    def test_of_blocks(self, project: Project, document: str, number: int) -> None:
        lines = [line for line in commands(blocks(document)[number]) if line not in EXCEPTIONS]
        run(project, "\n".join(lines))


def test_exceptions_occur_and_name_tests_that_exist() -> None:
    written = {line for document, number in BLOCKS for line in commands(blocks(document)[number])}
    assert set(EXCEPTIONS) <= written | in_prose()
    assert all(any(word in block for block in written | in_prose()) for word in STAND_INS)
    for reason in EXCEPTIONS.values():
        for path in re.findall(r"\S+\.py", reason):
            assert (ROOT / "tests" / path).is_file(), path


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
