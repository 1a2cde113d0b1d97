"""Without a LaTeX engine the report is built all the same, and one line says how to get the PDF."""

import os
import shutil
from pathlib import Path

import pytest

from octrepro.pipeline.build import find_or_install_engine
from tests.pipeline.toy import BUILD, Toy

THERE = {"pdflatex": "#!/bin/sh\n"}
# Installs itself as an engine, where it is asked for the packages.
INSTALL = 'case "$*" in *install*texlive-latex-extra*) /bin/cp $0 ${0%apt-get}pdflatex;; esac'
APT = {"apt-get": f"#!/bin/sh\n{INSTALL}\n"}
FAILING_APT = {"apt-get": "#!/bin/sh\nexit 100\n"}


@pytest.mark.parametrize(
    ("programs", "user", "found"),
    [(THERE, 0, True), (APT, 0, True), (APT, 1000, False), (FAILING_APT, 0, False)],
)
def test_an_engine_is_found_or_by_root_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: dict[str, str], user: int, found: bool
) -> None:
    for name, text in programs.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert find_or_install_engine() is found


@pytest.mark.xdist_group("toy")
@pytest.mark.parametrize("engine", [True, False])
def test_the_build_aims_at_what_can_be_made(built_toy: Toy, tmp_path: Path, engine: bool) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "python", *["pdflatex"] * engine):
        (programs / name).symlink_to(shutil.which(name, path=built_toy.environment()["PATH"]) or "")
    built_toy.edit("experiments.mlp.epochs", 3)
    result = built_toy.run(*BUILD, PATH=str(programs))
    assert f"/{3 if engine else 2}] " in result.stderr
    assert "report/build/phantom/report.html" in result.stdout
    assert ("report.pdf" in result.stdout) == engine
    assert ("texlive" in result.stdout) == (not engine)
