"""Documents name what exists, and their commands run as written."""

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.pipeline.project import Project

ROOT = Path(__file__).parents[1]
NAMES = ("README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted(ROOT.glob("docs/*.md"))))
DOCUMENTS = {name: (ROOT / name).read_text() for name in NAMES}
# What the project of the other tests does not need.
FURTHER = ("Makefile", "pyproject.toml", "CONTRIBUTING.md")
TOOLS = r"make|dvc|git|source|python -m|pip|pre-commit|apt-get"

# Commands that are not run as written here, by the reason.
NOT_RUN = {
    "changes the system": ["apt-get install coq"],
    "names a group of commands": ["dvc metrics"],
    "has a job of its own in continuous integration": ["make lint"],
    "asks a package index": ["make lock"],
    "runs tests": ["make test", "make test-endurance", "make test-fast"],
    "needs SLURM to be of use": ["pip install dask-jobqueue"],
    "would hold the commits of this test to the checks": ["pre-commit install"],
    "needs Docker; a job of its own in continuous integration, test_setup.py": [
        "docker build --tag octrepro . && docker run --name octrepro octrepro make report",
        "docker cp octrepro:/home/octrepro/project/report/build .",
    ],
    "takes minutes; benchmarks/test_benchmarks.py": [
        "make bench",
        "make bench SIZE=full",
        "python -m benchmarks.seeds",
    ],
    "takes minutes; boolean/test_certificate.py": ["make prove", "python -m octrepro prove mine.v"],
    "builds all anew; pipeline/test_check.py": [
        "make check",
        "make check AGAINST=check.json",
        "make check DATASET=octmnist",
    ],
    "emulates processors; pipeline/test_cpus.py": ["make check-cpus"],
    "needs a data set of one's own; pipeline/test_build.py": ["make report DATASET=mine"],
    "downloads 55 MB; datasets/test_download.py": ["make report DATASET=octmnist"],
}
EXCEPTIONS = {command for commands in NOT_RUN.values() for command in commands}
# What stands for a reader's own choice.
STAND_INS = {
    "/net/shared/octrepro": "$PWD/../shared",
    "<url>": "../origin.git",
    "file.yaml": "mine.yaml",
    "cd octrepro && make setup": "cd octrepro && cp -r ../.venv . && make setup",
    # The port of a Dask scheduler: one for each process of tests, none that the system gives away.
    "8786": str(20_000 + os.getpid() % 10_000),
}


# The commands of each block, without comments, and those within sentences.
BLOCKS = [
    [line for line in re.sub(r"(^|[ ]+)#.*", "", block, flags=re.MULTILINE).splitlines() if line]
    for text in DOCUMENTS.values()
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
]
SENTENCES = {
    command
    for text in DOCUMENTS.values()
    for prose in re.split(r"^```.*?^```", text, flags=re.MULTILINE | re.DOTALL)
    for command in re.findall(rf"`((?:[A-Z_]+=\w+ )*(?:{TOOLS}) [^`\n<]+)`", prose)
}


@pytest.fixture(scope="module")
def project(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A reader's clone: a small project, built, with an environment and a remote."""
    place = tmp_path_factory.mktemp("reader")
    project = built_once.copy(place / "project")
    for name in FURTHER:
        shutil.copy(ROOT / name, project.folder)
    (construction,) = re.findall(
        r"^```yaml\n(# mine.yaml\n.*?)^```", DOCUMENTS["docs/boolean.md"], re.M | re.S
    )
    (project.folder / "mine.yaml").write_text(construction)
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

    @pytest.mark.parametrize("command", sorted(SENTENCES - EXCEPTIONS))
    def test_of_sentences(self, project: Project, command: str) -> None:
        if command == "make archive" and shutil.which("pdflatex") is None:
            pytest.skip("needs LaTeX")
        run(project, command)
        assert project.run("git", "status", "--porcelain").stdout == ""

    @pytest.mark.parametrize("lines", BLOCKS, ids="; ".join)
    def test_of_blocks(self, project: Project, lines: list[str]) -> None:
        run(project, "\n".join(line for line in lines if line not in EXCEPTIONS))


def test_exceptions_and_stand_ins_occur() -> None:
    written = {*SENTENCES, *(line for lines in BLOCKS for line in lines)}
    assert written >= EXCEPTIONS
    assert [word for word in STAND_INS if not any(word in command for command in written)] == []


def test_every_promise_and_every_exception_names_tests_that_exist() -> None:
    rows = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", DOCUMENTS["docs/checks.md"], re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    for number, shown_by in rows:
        assert re.search(r"`[\w/]+\.py`", shown_by), f"promise {number} names no test"
    text = " ".join([*NOT_RUN, *(shown_by for _, shown_by in rows)])
    assert [path for path in re.findall(r"[\w/]+\.py", text) if not (ROOT / "tests" / path).is_file()] == []


@pytest.mark.parametrize("document", [*DOCUMENTS, ".github/workflows/ci.yml"])
def test_make_targets_and_links_exist(document: str) -> None:
    text = (ROOT / document).read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:`|run: |^ +)(?:\w+=\S+ )*make ([a-z-]+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / document).parent.joinpath(link).exists(), link
