"""A built report and all that it was made from, as one zip: the same bytes for every build of a commit."""

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from octrepro.core import UserError
from octrepro.core.files import atomic_path
from octrepro.pipeline.build import params_with, pending, replaced_files
from octrepro.pipeline.committed import git, outputs, read_stages
from octrepro.publish import crate

HERE = Path()
FOLDER = Path("build")
PUBLISHED = ("report/", "runs/")
NEEDED = ("CITATION.cff", "dvc.lock", crate.WORKFLOW, *crate.INPUTS)
CODECHECK = "https://codecheck.org.uk/spec/config/1.0/"


def write_archive(dataset: str) -> Path:
    """Write build/octrepro-<dataset>-<commit>.zip and return its path.

    It holds the files of the commit and the outputs of the pipeline that a reader wants, each at its own
    place, so that unpacking it gives a project with a built report; and two descriptions of them,
    codecheck.yml and ro-crate-metadata.json. Data and weights, which the pipeline makes anew, are left out.
    A UserError when the report is not the committed one: tracked files have changed, or stages would run.
    """
    params = params_with(dataset)
    if changed := git(HERE, "status", "--porcelain", "--untracked-files=no").decode().splitlines():
        raise UserError(
            f"{len(changed)} files differ from the commit, such as {changed[0][3:]}",
            expected="a committed state, so that the archive says what made it",
            hint="commit or restore them",
        )
    if stages := pending(f"pdf@{dataset}", replaced_files(params)):
        raise UserError(
            f"the report of {dataset} is not up to date: {len(stages)} stages would run",
            hint=f"make report DATASET={dataset} (with LaTeX, for the PDF), then commit dvc.lock and runs/",
        )
    files = _committed()
    if missing := [name for name in NEEDED if name not in files]:
        raise UserError(f"{', '.join(missing)} not committed", hint=f"git add {' '.join(missing)}")
    results = published(read_stages(files["dvc.lock"][0].decode()), dataset)
    files |= {path: (Path(path).read_bytes(), False) for path in results}
    commit, date = git(HERE, "show", "--no-patch", "--format=%H %cs").decode().split()
    files["codecheck.yml"] = _codecheck(results, yaml.safe_load(files["dvc.yaml"][0])).encode(), False
    citation = read_citation(files["CITATION.cff"][0])
    files[crate.NAME] = crate.describe(sorted(files), results, dataset, citation, commit, date), False
    path = FOLDER / f"octrepro-{dataset}-{commit[:12]}.zip"
    with atomic_path(path) as temporary:
        _pack(temporary, files)
    print(f"{path}  sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")
    return path


def published(stages: dict[str, Any], dataset: str) -> dict[str, str]:
    """The outputs of a data set that a reader wants, as dvc.lock lists them, each with its stage."""
    found: dict[str, str] = {}
    for stage, name in outputs(stages, dataset):
        if name.startswith(PUBLISHED) and not name.endswith(".safetensors"):
            path = Path(name)
            files = path.rglob("*") if path.is_dir() else [path]
            found |= {file.as_posix(): stage.partition("@")[0] for file in files if file.is_file()}
    return dict(sorted(found.items()))


def read_citation(content: bytes) -> dict[str, Any]:
    """The content of CITATION.cff; a UserError without title, abstract and authors."""
    try:
        citation: dict[str, Any] = yaml.safe_load(content)
        for key in ("title", "abstract", "authors"):
            citation[key][0]
    except (yaml.YAMLError, LookupError, TypeError) as error:
        raise UserError(
            f"CITATION.cff cannot be used: {error}",
            expected="a title, an abstract and authors (https://citation-file-format.github.io)",
            hint="cffconvert --validate names the line",
        ) from None
    return citation


def _codecheck(results: Mapping[str, str], pipeline: Mapping[str, Any]) -> str:
    """A configuration by CODECHECK's specification; a checker adds who checked, and the report of that."""
    manifest = [{"file": path, "comment": pipeline["stages"][kind]["desc"]} for path, kind in results.items()]
    content = {"version": CODECHECK, "manifest": manifest}
    return "%YAML 1.1\n---\n" + yaml.safe_dump(content, sort_keys=False)


def _committed() -> dict[str, tuple[bytes, bool]]:
    """The files of the commit: content, and whether it may be run as a program."""
    tar = git(HERE, "-c", "core.autocrlf=false", "archive", "--format=tar", "HEAD")
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        members = [(member, archive.extractfile(member)) for member in archive if member.isfile()]
        return {member.name: (file.read(), bool(member.mode & 0o100)) for member, file in members if file}


def _pack(path: Path, files: Mapping[str, tuple[bytes, bool]]) -> None:
    """Write a zip of `files` that depends on nothing else.

    Nothing is compressed, since versions of zlib give different bytes; most of it is compressed already.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, (content, executable) in sorted(files.items()):
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3  # Unix, on every system, so that permissions count
            info.external_attr = (0o100755 if executable else 0o100644) << 16
            archive.writestr(info, content)
