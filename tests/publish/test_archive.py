"""One zip, the same bytes every time, that tools for citing and checking accept."""

import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from octrepro.core import UserError
from octrepro.publish import crate
from octrepro.publish.archive import read_citation
from tests.pipeline.project import ROOT, Project

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("archive")]

OTHER_TERMS = {
    "File": "http://schema.org/MediaObject",
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "FormalParameter": "https://bioschemas.org/FormalParameter",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
    "input": "https://bioschemas.org/ComputationalWorkflow#input",
}
# Recommended and not said: when and by whom the pipeline was run, which differs between builds; a publisher
# and addresses, which the project lacks. The last is said of classes, not of what the crate describes.
NOT_SAID = {
    *("process-run-crate-0.5_8.4", "process-run-crate-0.5_8.6"),
    *("ro-crate-1.1_22.3", "process-run-crate-0.5_3.2", "ro-crate-1.1_31.2", "process-run-crate-0.5_5.1"),
    "workflow-ro-crate-1.0_8.1",
}


def archive(project: Project, *, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    return project.run("python", "-m", "octrepro", "archive", "phantom", check=check, **environment)


def written(project: Project) -> Path:
    (path,) = (project.folder / "build").glob("octrepro-phantom-*.zip")
    return path


@pytest.fixture(scope="module")
def archived(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built project with an archive."""
    if shutil.which("pdflatex") is None:
        pytest.skip("the archive holds the PDF")
    project = built_once.copy(tmp_path_factory.mktemp("archived") / "project")
    archive(project)
    return project


@pytest.fixture(scope="module")
def unpacked(archived: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(written(archived)) as packed:
        packed.extractall(folder)
    return folder


def test_two_builds_have_the_same_hash(archived: Project, tmp_path: Path) -> None:
    """Elsewhere, later, by a person with other settings, from a clone whose files are newer."""
    other = archived.copy(tmp_path / "elsewhere")
    shutil.rmtree(other.folder / "build")
    for path in other.folder.glob("src/**/*.py"):
        path.touch(0o600)
    other.run("git", "config", "core.autocrlf", "true")
    other.run("git", "config", "tar.umask", "077")
    printed = archive(other, TZ="Asia/Tokyo", LC_ALL="C").stdout
    content = written(archived).read_bytes()
    assert written(other).read_bytes() == content
    assert hashlib.sha256(content).hexdigest() in printed


def test_holds_the_report_and_what_made_it_and_no_date_but_the_commit_s(
    archived: Project, unpacked: Path
) -> None:
    tracked = archived.run("git", "ls-files").stdout.splitlines()
    for path in [*map(archived.folder.joinpath, tracked), *archived.folder.glob("report/build/**/*.*")]:
        assert (unpacked / path.relative_to(archived.folder)).read_bytes() == path.read_bytes()
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert not [name for name in names if name.startswith(("data/", "results/")) or "safetensors" in name]
    pages = {f"report/build/phantom/report.{suffix}" for suffix in ("html", "pdf", "tex")}
    assert {*pages, "CITATION.cff", "codecheck.yml", "dvc.lock", "requirements.lock"} <= names
    date = archived.run("git", "show", "--no-patch", "--format=%cs").stdout.strip()
    assert re.findall(r"\d{4}-\d\d-\d\d[^\"]*", (unpacked / "ro-crate-metadata.json").read_text()) == [date]


@pytest.mark.skipif(shutil.which("rocrate-validator") is None, reason="needs rocrate-validator")
def test_is_a_workflow_run_crate(archived: Project, unpacked: Path, tmp_path: Path) -> None:
    """It says all that the profile requires and recommends, save what a build cannot or should not know."""
    folder = shutil.copytree(unpacked, tmp_path / "crate")
    metadata = json.loads((folder / "ro-crate-metadata.json").read_text())
    assert metadata["@context"] == "https://w3id.org/ro/crate/1.1/context"
    # The validator would download it: these are its entries for the words that we use.
    terms = {key for entity in metadata["@graph"] for key in entity if not key.startswith("@")}
    kinds = [entity["@type"] for entity in metadata["@graph"]]
    types = {kind for each in kinds for kind in ([each] if isinstance(each, str) else each)}
    metadata["@context"] = {term: f"http://schema.org/{term}" for term in terms | types} | OTHER_TERMS
    (folder / "ro-crate-metadata.json").write_text(json.dumps(metadata))
    found = tmp_path / "found.json"
    archived.run(
        "rocrate-validator", "validate", "--no-paging", "--offline",
        "--profile-identifier", "workflow-run-crate-0.5", "--requirement-severity", "RECOMMENDED",
        "--output-format", "json", "--output-file", str(found), str(folder),
        check=False,
    )  # fmt: skip
    issues = json.loads(found.read_text())["issues"]
    assert {issue["message"] for issue in issues if issue["severity"] == "REQUIRED"} == set()
    assert {issue["check"]["identifier"] for issue in issues} == NOT_SAID


def test_codecheck_lists_what_a_checker_must_make_anew(unpacked: Path) -> None:
    text = (unpacked / "codecheck.yml").read_text()
    assert text.startswith("%YAML 1.1\n---\n")
    manifest: list[dict[str, str]] = yaml.safe_load(text)["manifest"]
    files = [entry["file"] for entry in manifest]
    assert all((unpacked / file).is_file() for file in files)
    assert {"report/build/phantom/report.pdf", "runs/phantom/claims.json"} <= set(files)
    described = json.loads((unpacked / "ro-crate-metadata.json").read_text())
    action = next(entity for entity in described["@graph"] if entity["@type"] == "CreateAction")
    assert [result["@id"] for result in action["result"]] == files


def test_changes_that_are_not_committed_are_refused(built_once: Project, tmp_path: Path) -> None:
    project = built_once.copy(tmp_path / "project")
    page = project.folder / "report/style.css"
    page.write_text(page.read_text() + "/* more */\n")
    assert "1 files differ from the commit, such as report/style.css" in archive(project, check=False).stderr
    project.commit("another style")
    refused = archive(project, check=False)
    assert refused.returncode == 1
    assert "the report of phantom is not up to date: 2 stages would run" in refused.stderr
    assert not list((project.folder / "build").glob("*.zip*"))


def test_the_crate_names_license_and_authors() -> None:
    people = [{"given-names": "Ada", "name-particle": "van", "family-names": "Dyck"}, {"name": "A group"}]
    citation: dict[str, Any] = {"title": "A title", "abstract": "What it is.", "authors": people}
    files = [crate.WORKFLOW, *crate.INPUTS, "LICENSE"]
    content = crate.describe(files, [], "phantom", citation, "0" * 40, "2026-01-31")
    entities = {entity["@id"]: entity for entity in json.loads(content)["@graph"]}
    root = entities["./"]
    assert root["license"]["@id"] == "LICENSE"
    authors = [entities[author["@id"]] for author in root["author"]]
    named = {author["name"]: author["@type"] for author in authors}
    assert named == {"Ada van Dyck": "Person", "A group": "Organization"}


@pytest.mark.parametrize("content", [b"title: [", b"title: no authors", b""])
def test_an_unusable_citation_is_refused(content: bytes) -> None:
    with pytest.raises(UserError, match=r"CITATION.cff cannot be used"):
        read_citation(content)


@pytest.mark.skipif(shutil.which("cffconvert") is None, reason="needs cffconvert")
def test_the_citation_is_valid() -> None:
    subprocess.run(["cffconvert", "--validate", "--infile", str(ROOT / "CITATION.cff")], check=True)
