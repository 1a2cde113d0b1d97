"""Machine code that is kept must belong to the sources as they are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from octrepro.arithmetic.compiled import COMPILED_FOLDERS

PACKAGE = COMPILED_FOLDERS[0].parent
COMPUTE = """
import numpy as np
from octrepro.arithmetic.softmax import softmax_in_place
scores = np.array([1.0, 2.0, 3.0])
print(softmax_in_place(scores, 0))
"""


def test_every_compiled_function_is_in_the_digest() -> None:
    users = {path.parent for path in PACKAGE.rglob("*.py") if "@compiled" in path.read_text(encoding="utf-8")}
    assert users <= set(COMPILED_FOLDERS)


@pytest.mark.slow
def test_an_edited_callee_is_recompiled(tmp_path: Path) -> None:
    package = tmp_path / "octrepro"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    environment.pop("NUMBA_CACHE_DIR", None)

    def loss() -> float:
        command = [sys.executable, "-c", COMPUTE]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return float(done.stdout)

    before = loss()
    assert loss() == before
    assert list(package.glob("__pycache__/compiled-*/*/*.nbi"))
    elementary = package / "arithmetic" / "elementary.py"
    code = elementary.read_text(encoding="utf-8")
    assert "return mantissa * power_of_two" in code
    elementary.write_text(code.replace("return mantissa * power_of_two", "return mantissa"), encoding="utf-8")
    assert loss() != before
