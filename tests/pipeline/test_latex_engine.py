"""Without a LaTeX engine the report is built all the same, and one line says how to get the PDF."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from octrepro.pipeline import build as build_module
from octrepro.pipeline.latex_engine import engine_or_install


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path with nothing on it but what a test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def executable(path: Path, text: str = "#!/bin/sh\n") -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_an_engine_that_is_there_is_used(programs: Path) -> None:
    executable(programs / "pdflatex")
    assert engine_or_install() == "pdflatex"


@pytest.mark.parametrize(("user", "installs"), [(1000, False), (0, True)], ids=["user", "root"])
def test_on_debian_root_alone_installs_what_is_needed(
    programs: Path, monkeypatch: pytest.MonkeyPatch, user: int, installs: bool
) -> None:
    executable(programs / "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: user)
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        if "install" in command:
            assert "texlive-latex-extra" in command
            executable(programs / "pdflatex")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    assert engine_or_install() == ("pdflatex" if installs else None)
    assert [command[1] for command in commands] == (["update", "install"] if installs else [])


def test_a_failing_installation_is_no_failure_of_the_report(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(programs / "apt-get", "#!/bin/sh\nexit 100\n")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert engine_or_install() is None


@pytest.mark.parametrize(("engine", "target"), [("pdflatex", "pdf@phantom"), (None, "report@phantom")])
def test_the_build_aims_at_what_can_be_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], engine: str | None, target: str
) -> None:
    targets: list[str] = []
    monkeypatch.setattr(build_module, "engine_or_install", lambda: engine)
    monkeypatch.setattr(build_module, "repair", lambda _: [])
    monkeypatch.setattr(build_module, "pending", lambda wanted, _: targets.append(wanted) or {})
    build_module.build("phantom")
    assert targets == [target]
    out = capsys.readouterr().out
    assert "report/build/phantom/report.html" in out
    assert ("report.pdf" in out) == (engine is not None)
    assert ("texlive" in out) == (engine is None)
