"""CI's workflows are valid, pin what they use and hold no more rights than they need."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WORKFLOWS = Path(__file__).parents[1] / ".github/workflows"


def findings(folder: Path) -> subprocess.CompletedProcess[str]:
    zizmor = str(Path(sys.executable).parent / "zizmor")
    command = [zizmor, "--offline", "--no-config", "--no-progress", "--strict-collection", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_workflows_are_in_order() -> None:
    result = findings(WORKFLOWS)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("runs-on:", "runs_on:"),
        ("upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02", "upload-artifact@v4"),
        ("|| moved=$?", '|| echo "${{ github.head_ref }}"'),
        ("contents: read", "contents: write"),
    ],
)
def test_faults_are_found(tmp_path: Path, right: str, wrong: str) -> None:
    folder = tmp_path / ".github/workflows"
    shutil.copytree(WORKFLOWS, folder)
    text = (folder / "ci.yml").read_text()
    assert right in text
    (folder / "ci.yml").write_text(text.replace(right, wrong))
    assert findings(folder).returncode != 0
