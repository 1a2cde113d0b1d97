"""Installing is one line on screen: what is going on, and that it takes long."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
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


def test_setup_says_one_line_and_then_nothing(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    make = ["make", "--no-print-directory", "setup", f"PYTHON={tmp_path / 'python'}"]

    def printed() -> list[str]:
        return subprocess.run(
            make, cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.splitlines()

    assert printed() == ["Installing the locked environment into .venv: once, some minutes ..."]
    installed = [call for call in (tmp_path / "calls").read_text().splitlines() if "-m pip install" in call]
    assert "--require-hashes -r requirements.lock" in installed[0]
    assert "torch==" in installed[1]
    assert not [line for line in printed() if "pip" in line.lower()]
