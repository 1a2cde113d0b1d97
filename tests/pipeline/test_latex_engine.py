"""Without a LaTeX engine the report is built all the same, and one line says how to get the PDF."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from octrepro.core import UserError
from octrepro.pipeline import build as build_module
from octrepro.pipeline import latex_engine


@pytest.fixture
def no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path with nothing on it but what a test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def executable(path: Path, text: str = "#!/bin/sh\n") -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_an_engine_that_is_there_is_used(no_engine: Path) -> None:
    executable(no_engine / "pdflatex")
    assert latex_engine.engine_or_install() == "pdflatex"


def test_without_root_nothing_is_installed(no_engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(no_engine / "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("nothing may be run"))
    assert latex_engine.engine_or_install() is None


def test_root_on_debian_installs_what_is_needed(no_engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(no_engine / "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        if "install" in command:
            executable(no_engine / "pdflatex")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    assert latex_engine.engine_or_install() == "pdflatex"
    assert [command[:2] for command in commands] == [["apt-get", "update"], ["apt-get", "install"]]
    assert "texlive-latex-extra" in commands[1]


def test_a_failing_installation_is_no_failure_of_the_report(
    no_engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(no_engine / "apt-get", "#!/bin/sh\nexit 100\n")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert latex_engine.engine_or_install() is None


@pytest.mark.parametrize(("engine", "target"), [("pdflatex", "pdf@phantom"), (None, "report@phantom")])
def test_the_build_aims_at_what_can_be_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], engine: str | None, target: str
) -> None:
    targets: list[str] = []
    monkeypatch.setattr(build_module, "engine_or_install", lambda: engine)
    monkeypatch.setattr(build_module, "reproduce", lambda wanted, jobs, params: targets.append(wanted))
    build_module.build("phantom", jobs=1)
    assert targets == [target]
    out = capsys.readouterr().out
    assert "report/build/phantom/report.html" in out
    assert ("report.pdf" in out) == (engine is not None)
    assert ("texlive" in out) == (engine is None)


def test_mistakes_are_reported_before_anything_runs() -> None:
    with pytest.raises(UserError, match="phantom"):
        build_module.build("nothing")
    with pytest.raises(UserError, match="JOBS"):
        build_module.build("phantom", jobs=0)
