"""Machine code that is kept must be that of the code as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from octrepro.models import compiled
from octrepro.models.compiled import digest_of

TRAIN = """
import numpy as np
from octrepro.models.logistic_regression import LogisticRegression
images = np.arange(48, dtype=np.uint8).reshape(4, 12)
images.flags.writeable = False
model = LogisticRegression(12, 3, 0.1)
model.train_epoch(images, np.array([0, 1, 2, 0]), np.arange(4))
print(model.layers()[0].weight.tobytes().hex())
"""


def test_a_change_in_any_file_is_seen(tmp_path: Path) -> None:
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text("x = 1\n")
    second.write_text("y = 2\n")
    before = digest_of(tmp_path)
    assert digest_of(tmp_path) == before
    second.write_text("y = 3\n")
    assert digest_of(tmp_path) != before
    second.write_text("y = 2\n")
    assert digest_of(tmp_path) == before
    second.rename(tmp_path / "c.py")
    assert digest_of(tmp_path) != before


def test_kept_code_is_found_by_what_all_files_say(tmp_path: Path) -> None:
    locator = compiled.BesideTheSource.from_function(compiled.digest_of, compiled.__file__)
    assert locator.get_source_stamp()[0] == digest_of(Path(compiled.__file__).parent)


@pytest.mark.slow
def test_an_edit_of_what_a_loop_calls_takes_effect(tmp_path: Path) -> None:
    package = tmp_path / "octrepro"
    shutil.copytree(Path(compiled.__file__).parents[1], package, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def weights() -> str:
        command = [sys.executable, "-c", TRAIN]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    before = weights()
    assert weights() == before
    softmax = package / "models" / "softmax.py"
    code = softmax.read_text(encoding="utf-8")
    assert "scores[c] /= total" in code
    softmax.write_text(code.replace("scores[c] /= total", "scores[c] /= 2.0 * total"), encoding="utf-8")
    assert weights() != before
