"""One command sets a machine up: `make setup` here, the Dockerfile elsewhere, and CI's workflows run both."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from octrepro.reporting.pdf import DEBIAN_PACKAGES

ROOT = Path(__file__).parents[1]
WORKFLOWS = ROOT / ".github/workflows"
# A pip that has much to say of the machine's settings when it may.
PYTHON = """#!/bin/sh
echo "$@" >> calls
case "$*" in
  "-c "*) exit 0 ;;
  *-qq*) exit 0 ;;
  *"-m pip"*) echo "WARNING: a setting of this machine" ;;
  *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
esac
"""


def test_setup_says_one_line_and_installs_what_is_locked(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    make = ["make", "--no-print-directory", "setup", f"PYTHON={tmp_path / 'python'}"]
    result = subprocess.run(make, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout == "Installing the locked environment into .venv: once, some minutes ...\n"
    calls = (tmp_path / "calls").read_text().splitlines()
    locked, torch, *_ = [call for call in calls if "-m pip install" in call]
    assert "--require-hashes -r requirements.lock" in locked
    assert "torch==" in torch


def test_the_container_is_pinned_and_works_without_root() -> None:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    steps = re.findall(r"^([A-Z]+) (.+)", text, re.MULTILINE)
    assert re.fullmatch(r"debian:bookworm-\d{8}-slim@sha256:[0-9a-f]{64}", dict(steps)["FROM"])
    assert set(DEBIAN_PACKAGES) <= set(steps[1][1].split())
    assert [keyword for keyword, _ in steps[-6:]] == ["USER", "WORKDIR", "COPY", "RUN", "ENV", "CMD"]
    development = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert (ROOT / ".devcontainer" / development["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert development["remoteUser"] == dict(steps)["USER"] != "root"


def test_ci_makes_the_report_in_the_container() -> None:
    steps = yaml.safe_load((WORKFLOWS / "ci.yml").read_text())["jobs"]["container"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands == ["docker build --tag octrepro .", "docker run --rm octrepro make report"]


def test_workflows_are_valid_pinned_and_hold_few_rights() -> None:
    zizmor = str(Path(sys.executable).parent / "zizmor")
    options = ["--offline", "--no-config", "--no-progress", "--strict-collection"]
    result = subprocess.run([zizmor, *options, str(WORKFLOWS)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
